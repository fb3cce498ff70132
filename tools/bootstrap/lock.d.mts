export function withLock<T>(path: string, onWait: () => void, action: (waited: boolean) => Promise<T>): Promise<T>
