import { passwordOptions } from './passwords/options.ts'

/** The top-level blocks of the policy file that this folder reads. */
export const cryptoBlocks = {
  passwords: passwordOptions.optional().describe('How passwords are hashed; `portcullis doctor` measures and advises.'),
}
