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

  'consent.title': 'May it?',
  'consent.wants': '{client} wants to:',
  'consent.act': 'act for you',
  'consent.openid': 'know who you are',
  'consent.profile': 'see your user name',
  'consent.email': 'see your e-mail address',
  'consent.offline_access': 'do this also while you are away, until you take it back',
  'consent.sentTo': 'Afterwards you are sent to {host}.',
  'consent.allow': 'Allow',
  'consent.deny': 'Do not allow',

  'device.title': 'Connect a device',
  'device.enter': 'Type the code that your device or program shows.',
  'device.code': 'Code',
  'device.submit': 'Go on',
  'device.unknown': 'There is no such code, or it has ended. Look at your device: has it a new one?',
  'device.used': 'This code was used already. Begin again on your device.',
  'device.again': 'This took too long, or began in another browser. Type the code again.',
  'device.tooMany': 'Too many codes were tried. Try again in {minutes} minutes.',
  'device.confirmTitle': 'Is this your device?',
  'device.wants': '{client} asks to act for you, and shows this code:',
  'device.may': 'It asks to:',
  'device.warning':
    'Go on only if you began this yourself and see the same code on your own device now. If somebody sent you the code or this address, whoever did would get into your account.',
  'device.confirm': 'Yes, I began this',
  'device.abort': 'No, refuse it',
  'device.doneTitle': 'Your device is connected',
  'device.done': '{client} goes on by itself. You can close this page.',
  'device.refusedTitle': 'The device was refused',
  'device.refused': 'It gets nothing. You can close this page.',

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
} as const

export type TextKey = keyof typeof en

/** One language. */
export type Catalogue = Readonly<Record<TextKey, string>>
