import { conform } from './conform.ts'

conform('express adapter')
