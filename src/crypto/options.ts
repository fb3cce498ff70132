import { secretsOptions } from './master/options.ts'
import { passwordOptions } from './passwords/options.ts'

/** The top-level blocks of the policy file that this folder reads. */
export const cryptoBlocks = {
  passwords: passwordOptions.optional().describe('How passwords are hashed; `portcullis doctor` measures and advises.'),
  secrets: secretsOptions
    .optional()
    .describe('The master key of the key ring, with which fields are encrypted (AES-256-GCM).'),
}
