/** Whether a database can hold a text at all: PostgreSQL refuses NUL, so that nothing of that name is there. */
export function isStorable(text: string): boolean {
  return !text.includes('\0')
}
