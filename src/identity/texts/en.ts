/**
 * What the pages and mails say. `{name}` stands for a value. Other languages, and files of the policy file's own, have
 * the same keys.
 */
export const en = {
  'error.title': 'This did not work',
  'error.sentHere': 'You were sent here by an application, and its request cannot be answered.',
  'error.goBack':
    'Go back to the application and begin again. If that does not help, tell those who run it what stands here:',
  'error.loginNotFound': 'it took too long, or began in another browser',
  'error.unavailableTitle': 'This is not possible at this moment',
  'error.unavailable': 'Nothing was changed. Try again in a minute.',

  'login.title': 'Log in',
  'login.goOnTo': 'to go on to {client}',
  'login.username': 'User name',
  'login.password': 'Password',
  'login.submit': 'Log in',
  'login.cancel': 'Cancel',
  'login.forgot': 'Forgot your password?',
  'login.signUp': 'Create an account',
  'login.wrong': 'User name or password is wrong. Try again.',
  'login.lockedSeconds': 'Too many attempts failed. Try again in {seconds} seconds.',
  'login.lockedMinutes': 'Too many attempts failed. Try again in {minutes} minutes.',
  'login.unavailable': 'Nobody can log in at this moment. Try again in a minute.',
  'login.ended': 'This login has ended. Log in again.',

  'factor.title': 'Is it you?',
  'factor.submit': 'Go on',
  'factor.wrong': 'This code is wrong, or was used already. Try again with the next one.',
  'factor.totp': 'Use a code of your app',
  'factor.totpCode': 'The code that your app shows',

  'consent.title': 'May it?',
  'consent.wants': '{client} wants to:',
  'consent.act': 'act for you',
  'consent.openid': 'know who you are',
  'consent.profile': 'see your user name',
  'consent.offline_access': 'do this also while you are away, until you take it back',
  'consent.sentTo': 'Afterwards you are sent to {host}.',
  'consent.allow': 'Allow',
  'consent.deny': 'Do not allow',

  'logout.title': 'Log out?',
  'logout.again': 'You will have to log in again the next time.',
  'logout.submit': 'Log out',
  'logout.stay': 'Stay logged in',
  'logout.doneTitle': 'You are logged out',
  'logout.done': 'You can close this page.',

  'address.label': 'E-mail address',
  'address.submit': 'Send me a mail',
  'address.invalid': 'This is no e-mail address. Write it as ann@example.com.',
  'address.tooMany': 'Too many mails were asked for. Try again in {minutes} minutes.',
  'mailSent.title': 'Look into your mail',
  'mailSent.onItsWay': 'A mail is on its way to {address}. Open the link in it to go on.',
  'mailSent.notThere': 'It is not there? Look among unwanted mail, and whether the address is written rightly.',
  'signUp.title': 'Create an account',
  'signUp.choose': 'Choose a password',
  'signUp.done': 'Your account is there',
  'reset.title': 'A new password',
  'reset.choose': 'Choose a new password',
  'link.endedTitle': 'This link has ended',
  'link.ended': 'It is good for one use and for a limited time. Ask for another mail where you log in.',
  'password.for': 'for {username}',
  'password.new': 'New password',
  'password.rules': 'At least 15 characters, of any kind: several words for example.',
  'password.short': 'The password has {length} characters: at least {least}, several words for example.',
  'password.long': 'The password is longer than {most} characters.',
  'password.untypeable': 'The password holds a character that cannot be typed.',
  'password.username': 'The password holds the user name, which is what is guessed first.',
  'password.tenant': 'The password holds the name of the tenant, which is what is guessed first.',
  'password.host': 'The password holds the name of this site, which is what is guessed first.',
  'password.common':
    'The password is one of those that are guessed first: repeated, in a row, or common words with numbers.',
  'password.keep': 'Keep this password',
  'password.changeTitle': 'Change your password',
  'password.untilNow': 'Password until now',
  'password.change': 'Change the password',
  'password.changed': 'Your password is changed',
  'password.logInNow': 'Go back to the application and log in.',
  'password.loggedOut': 'You were logged out everywhere. Log in with the new password.',

  'account.title': 'Your account',
  'account.signedInAs': 'You are logged in as {username}.',
  'account.password': 'Password',
  'account.back': 'Back to your account',
  'account.passkeys': 'Passkeys',

  'passkey.logIn': 'Log in with a passkey',
  'passkey.noScript': 'Passkeys need a browser that knows them, with JavaScript switched on for this page.',
  'passkey.cancelled': 'Nothing came of it: it was cancelled, or took too long. Try again.',
  'passkey.known': 'There is a passkey for this account on this device already.',
  'passkey.failed': 'The browser could not do this here. Try another passkey or another browser.',
  'passkey.wrong': 'This passkey does not open an account here. Try another one.',
  'passkey.late': 'That took too long, or was sent twice. Use the passkey again.',
  'passkeys.title': 'Your passkeys',
  'passkeys.what':
    'With a passkey you log in without a password: by the fingerprint, face or PIN that opens your device, or with a security key.',
  'passkeys.none': 'There is none yet.',
  'passkeys.made': 'Added on {date}.',
  'passkeys.used': 'Last used on {date}.',
  'passkeys.unused': 'Not used yet.',
  'passkeys.name': 'What to call the new one',
  'passkeys.nameRule': 'For example the device that it is on.',
  'passkeys.unnamed': 'Passkey',
  'passkeys.add': 'Add a passkey',
  'passkeys.newName': 'Name',
  'passkeys.rename': 'Rename',
  'passkeys.remove': 'Remove',
  'passkeys.full': 'There are as many as an account may have. Remove one to add another.',
  'passkeys.badName': 'This is no name: it has 1 to {max} characters that can be seen.',
  'passkeys.notAdded': 'The passkey was not added: what the browser sent is not good. Try again.',
  'passkeys.taken': 'This passkey was added before.',
  'passkeys.last': 'It was not removed: nothing else opens your account. Add another passkey or a password first.',
  'passkeys.gone': 'There is no such passkey any more.',

  'with.submit': 'Log in with {label}',
  'with.goOnTitle': 'On to {label}',
  'with.goOn': 'Go on to {label}',
  'with.denied': '{label} says that you did not want to log in there. Try again, or log in in another way.',
  'with.unavailable': '{label} cannot be reached at this moment. Log in in another way, or try again in a minute.',
  'with.failed': '{label} did not say who you are in a way that can be trusted. Try again, or log in in another way.',
  'with.gone': 'Nobody can log in with {label} any more. Log in in another way.',
  'with.ended': 'It took too long, was used already, or began in another browser. Begin again.',
  'with.unknown':
    'Nobody has connected this login at {label} with an account. Log in in another way, and connect it on the page of your account.',
  'with.refused': 'The account that this login at {label} belongs to cannot be used.',
  'with.confirm':
    'There is an account with your address. Log in to it once, to show that it is yours: from then on, {label} opens it too.',
  'connections.title': 'Connected logins',
  'connections.none': 'Nothing but your password opens your account.',
  'connections.some': 'These open your account too:',
  'connections.connect': 'Connect {label}',
  'connections.disconnect': 'Disconnect {label}',
  'connections.last':
    'Nothing else would open your account any more. Choose a password first, or connect another login.',
  'connections.taken': 'This login at {label} opens another account. Disconnect it there first.',

  'mail.accountSubject': 'Your account at {site}',
  'mail.signUp':
    'Somebody, hopefully you, wants an account at {site} with this address.\n\nOpen this within 24 hours and choose a password:\n\n{link}\n\n',
  'mail.notYou': 'If it was not you, do nothing: without this link nothing happens.\n',
  'mail.reset':
    'You have an account at {site} with this address. If you do not know its password any more, open this within an hour and\nchoose another one:\n\n{link}\n\n',
  'mail.noAccount':
    'Somebody, perhaps you, asked for a new password at {site}. There is no account with this address: perhaps you took another\none. If it was not you, do nothing.\n',
  'mail.changedSubject': 'Your password at {site} was changed',
  'mail.changed':
    'The password of your account at {site} was changed, and you were logged out everywhere.\n\nIf it was not you, ask for a new password on the page where you log in, and tell those who run {site}.\n',
  'mail.passkeyAddedSubject': 'A passkey was added to your account at {site}',
  'mail.passkeyAdded':
    'The passkey "{name}" was added to your account at {site}: whoever has it can log in with it.\n\nIf it was not you, log in, remove it, and change your password.\n',
  'mail.passkeyRemovedSubject': 'A passkey of your account at {site} was removed',
  'mail.passkeyRemoved':
    'The passkey "{name}" was removed from your account at {site}: nobody can log in with it any more.\n\nIf it was not you, change your password, and tell those who run {site}.\n',
} as const

export type TextKey = keyof typeof en

/** One language. */
export type Catalogue = Readonly<Record<TextKey, string>>
