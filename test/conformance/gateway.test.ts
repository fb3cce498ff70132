import { conform } from './conform.ts'

conform('gateway')
