import { conform } from './conform.ts'

conform('node adapter')
