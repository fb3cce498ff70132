import { definePort } from '../../core/ports.ts'

/** Where generated keys, certificates and tokens are kept; 0700, and the same for every thread of an instance. */
export interface DataFolder {
  readonly path: string
}

export const dataFolderPort = definePort<DataFolder>('data-folder')
