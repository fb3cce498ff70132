import type { Catalogue } from './en.ts'

export const de: Catalogue = {
  'error.title': 'Das hat nicht geklappt',
  'error.sentHere': 'Eine Anwendung hat Sie hierher geschickt, und ihre Anfrage kann nicht beantwortet werden.',
  'error.goBack':
    'Gehen Sie zur Anwendung zurück und beginnen Sie von vorn. Hilft das nicht, nennen Sie denen, die sie betreiben, was hier steht:',
  'error.loginNotFound': 'es hat zu lange gedauert oder in einem anderen Browser begonnen',
  'error.unavailableTitle': 'Das ist im Augenblick nicht möglich',
  'error.unavailable': 'Es wurde nichts geändert. Versuchen Sie es in einer Minute wieder.',

  'forward.title': 'Noch ein Schritt',
  'forward.explained': 'Ihr Browser geht hier nicht von selbst weiter, weil er keine Skripte ausführt.',
  'forward.goOn': 'Weiter',

  'login.title': 'Anmelden',
  'login.goOnTo': 'weiter zu {client}',
  'login.username': 'Benutzername',
  'login.password': 'Passwort',
  'login.submit': 'Anmelden',
  'login.cancel': 'Abbrechen',
  'login.forgot': 'Passwort vergessen?',
  'login.signUp': 'Konto anlegen',
  'login.wrong': 'Benutzername oder Passwort ist falsch. Versuchen Sie es noch einmal.',
  'login.locked': 'Zu viele Versuche sind fehlgeschlagen. Versuchen Sie es in {wait} wieder.',
  'login.unavailable': 'Im Augenblick kann sich niemand anmelden. Versuchen Sie es in einer Minute wieder.',
  'login.ended': 'Diese Anmeldung gilt nicht mehr. Melden Sie sich noch einmal an.',

  'factor.title': 'Sind Sie es?',
  'factor.submit': 'Weiter',
  'factor.wrong': 'Dieser Code ist falsch oder wurde schon benutzt. Versuchen Sie es mit dem nächsten.',
  'factor.passkey': 'Einen Passkey benutzen',
  'factor.totp': 'Einen Code Ihrer App benutzen',
  'factor.totpCode': 'Der Code, den Ihre App zeigt',
  'factor.recovery': 'Einen Wiederherstellungscode benutzen',
  'factor.recoveryCode': 'Ein Wiederherstellungscode, der noch nicht benutzt wurde',
  'factor.remember': 'In diesem Browser {days} Tage lang nicht mehr fragen. Nur, wenn ihn sonst niemand benutzt.',

  'totp.title': 'App für Codes hinzufügen',
  'totp.needed': 'Um weiterzumachen, brauchen Sie einen zweiten Faktor. Fügen Sie jetzt einen hinzu.',
  'totp.scan': 'Öffnen Sie Ihre Authenticator-App und scannen Sie dieses Bild.',
  'totp.picture': 'Das Geheimnis als Bild für Ihre App',
  'totp.here': 'Die App ist auf diesem Gerät: öffnen',
  'totp.typed': 'Oder tippen Sie dieses Geheimnis in die App: {secret}',
  'totp.label': 'Wie Sie das Gerät nennen (freiwillig)',
  'totp.submit': 'Hinzufügen',

  'recovery.title': 'Bewahren Sie Ihre Wiederherstellungs\u00ADcodes auf',
  'recovery.keep':
    'Wenn Sie Ihr Gerät verlieren, lässt jeder dieser Codes Sie einmal hinein. Sie werden nur jetzt gezeigt: Drucken Sie sie aus oder legen Sie sie dorthin, wo Ihre Passwörter sind. Ältere Codes gelten nicht mehr.',
  'recovery.done': 'Ich habe sie aufbewahrt',

  'factors.title': 'Zweiter Faktor',
  'factors.none':
    'Ihr Passwort allein öffnet Ihr Konto. Mit einem zweiten Faktor genügt ein gestohlenes Passwort nicht.',
  'factors.some': 'Zum Anmelden brauchen Sie Ihr Passwort und eines davon.',
  'factors.app': 'App',
  'factors.since': 'seit {day}',
  'factors.used': 'zuletzt benutzt am {day}',
  'factors.unused': 'noch nicht benutzt',
  'factors.remove': '{name} entfernen',
  'factors.add': 'App für Codes hinzufügen',
  'factors.full': 'Mehr sind nicht möglich. Entfernen Sie zuerst einen.',
  'factors.codes': 'Wiederherstellungscodes',
  'factors.codesLeft': 'Noch übrig: {count}.',
  'factors.newCodes': 'Neue Codes erstellen',
  'factors.devices': 'Browser, in denen nicht gefragt wird',
  'factors.browser': 'Ein Browser',
  'factors.forget': 'In diesem wieder fragen',

  'consent.title': 'Dies erlauben?',
  'consent.wants': '{client} möchte:',
  'consent.act': 'für Sie handeln',
  'consent.openid': 'wissen, wer Sie sind',
  'consent.profile': 'Ihren Benutzernamen sehen',
  'consent.email': 'Ihre E-Mail-Adresse sehen',
  'consent.offline_access': 'dies auch tun, während Sie nicht da sind, bis Sie es widerrufen',
  'consent.sentTo': 'Danach werden Sie zu {host} geschickt.',
  'consent.allow': 'Erlauben',
  'consent.deny': 'Nicht erlauben',

  'device.title': 'Gerät verbinden',
  'device.enter': 'Geben Sie den Code ein, den Ihr Gerät oder Programm zeigt.',
  'device.code': 'Code',
  'device.submit': 'Weiter',
  'device.unknown':
    'Diesen Code gibt es nicht, oder er gilt nicht mehr. Sehen Sie auf Ihr Gerät: Zeigt es einen neuen?',
  'device.used': 'Dieser Code wurde schon benutzt. Beginnen Sie auf Ihrem Gerät von vorn.',
  'device.again':
    'Das hat zu lange gedauert oder in einem anderen Browser begonnen. Geben Sie den Code noch einmal ein.',
  'device.tooMany': 'Es wurden zu viele Codes versucht. Versuchen Sie es in {wait} wieder.',
  'device.confirmTitle': 'Ist das Ihr Gerät?',
  'device.wants': '{client} möchte für Sie handeln und zeigt diesen Code:',
  'device.may': 'Es möchte:',
  'device.warning':
    'Gehen Sie nur weiter, wenn Sie dies selbst begonnen haben und denselben Code jetzt auf Ihrem eigenen Gerät sehen. Hat Ihnen jemand den Code oder diese Adresse geschickt, käme diese Person in Ihr Konto.',
  'device.confirm': 'Ja, ich habe das begonnen',
  'device.abort': 'Nein, ablehnen',
  'device.doneTitle': 'Ihr Gerät ist verbunden',
  'device.done': '{client} macht von selbst weiter. Sie können diese Seite schließen.',
  'device.refusedTitle': 'Das Gerät wurde abgelehnt',
  'device.refused': 'Es bekommt nichts. Sie können diese Seite schließen.',

  'logout.title': 'Abmelden?',
  'logout.again': 'Beim nächsten Mal müssen Sie sich wieder anmelden.',
  'logout.submit': 'Abmelden',
  'logout.stay': 'Angemeldet bleiben',
  'logout.doneTitle': 'Sie sind abgemeldet',
  'logout.done': 'Sie können diese Seite schließen.',
  'logout.stayedTitle': 'Sie sind weiterhin angemeldet',

  'address.label': 'E-Mail-Adresse',
  'address.submit': 'E-Mail schicken',
  'address.invalid': 'Das ist keine E-Mail-Adresse. Schreiben Sie sie wie ann@example.com.',
  'address.tooMany': 'Es wurden zu viele E-Mails angefordert. Versuchen Sie es in {wait} wieder.',
  'mailSent.title': 'Sehen Sie in Ihr Postfach',
  'mailSent.onItsWay': 'Eine E-Mail ist unterwegs an {address}. Öffnen Sie den Link darin, um weiterzumachen.',
  'mailSent.notThere':
    'Sie kommt nicht an? Sehen Sie unter den unerwünschten E-Mails nach und ob die Adresse richtig geschrieben ist.',
  'signUp.title': 'Konto anlegen',
  'signUp.choose': 'Passwort wählen',
  'signUp.done': 'Ihr Konto ist angelegt',
  'reset.title': 'Neues Passwort',
  'reset.choose': 'Neues Passwort wählen',
  'link.endedTitle': 'Dieser Link gilt nicht mehr',
  'link.ended': 'Er gilt einmal und für begrenzte Zeit. Fordern Sie eine neue E-Mail an, wo Sie sich anmelden.',
  'first.title': 'Der erste Administrator',
  'first.explained': 'Hier gibt es noch kein Konto. Ihres wird das erste und darf, was in der Richtliniendatei steht.',
  'first.username': 'Benutzername oder E-Mail-Adresse',
  'first.badName':
    'Ein Benutzername hat 1 bis 200 sichtbare Zeichen, keinen Doppelpunkt und kein Leerzeichen am Anfang oder Ende.',
  'first.logInNow': 'Melden Sie sich damit an, wo Sie es brauchen, oder sehen Sie es sich jetzt an.',
  'first.submit': 'Konto anlegen',
  'first.ended':
    'Es gibt schon ein Konto, oder der Link ist älter als eine Stunde. Solange es keines gibt, zeigt jeder Start einen neuen Link.',
  'password.for': 'für {username}',
  'password.new': 'Neues Passwort',
  'password.rules': 'Mindestens 15 Zeichen, beliebige: zum Beispiel mehrere Wörter.',
  'password.short': 'Das Passwort hat {length} Zeichen: mindestens {least}, zum Beispiel mehrere Wörter.',
  'password.long': 'Das Passwort hat mehr als {most} Zeichen.',
  'password.untypeable': 'Das Passwort enthält ein Zeichen, das man nicht tippen kann.',
  'password.username': 'Das Passwort enthält den Benutzernamen. Das wird als Erstes geraten.',
  'password.tenant': 'Das Passwort enthält den Namen des Mandanten. Das wird als Erstes geraten.',
  'password.host': 'Das Passwort enthält den Namen dieser Website. Das wird als Erstes geraten.',
  'password.common':
    'Das Passwort ist eines von denen, die als Erstes geraten werden: Wiederholungen, Reihen oder häufige Wörter mit Zahlen.',
  'password.keep': 'Dieses Passwort behalten',
  'password.changeTitle': 'Passwort ändern',
  'password.untilNow': 'Bisheriges Passwort',
  'password.change': 'Passwort ändern',
  'password.changed': 'Ihr Passwort ist geändert',
  'password.logInNow': 'Gehen Sie zur Anwendung zurück und melden Sie sich an, oder sehen Sie sich hier Ihr Konto an.',
  'password.loggedOut': 'Sie wurden überall abgemeldet. Melden Sie sich mit dem neuen Passwort an.',

  'account.title': 'Ihr Konto',
  'account.signedInAs': 'Sie sind angemeldet als {username}.',
  'account.password': 'Passwort',
  'account.back': 'Zurück zu Ihrem Konto',
  'account.passkeys': 'Passkeys',

  'passkey.logIn': 'Mit einem Passkey anmelden',
  'passkey.noScript':
    'Passkeys brauchen einen Browser, der sie kennt und in dem JavaScript für diese Seite eingeschaltet ist.',
  'passkey.cancelled':
    'Daraus ist nichts geworden: Es wurde abgebrochen oder dauerte zu lange. Versuchen Sie es noch einmal.',
  'passkey.known': 'Auf diesem Gerät gibt es schon einen Passkey für dieses Konto.',
  'passkey.failed':
    'Der Browser konnte das hier nicht tun. Versuchen Sie es mit einem anderen Passkey oder einem anderen Browser.',
  'passkey.wrong': 'Dieser Passkey öffnet hier kein Konto. Versuchen Sie es mit einem anderen.',
  'passkey.late': 'Das hat zu lange gedauert oder wurde zweimal geschickt. Benutzen Sie den Passkey noch einmal.',
  'passkeys.title': 'Ihre Passkeys',
  'passkeys.what':
    'Mit einem Passkey melden Sie sich ohne Passwort an: mit dem Fingerabdruck, dem Gesicht oder der PIN, die Ihr Gerät öffnet, oder mit einem Sicherheitsschlüssel.',
  'passkeys.none': 'Es gibt noch keinen.',
  'passkeys.made': 'Hinzugefügt am {date}.',
  'passkeys.used': 'Zuletzt benutzt am {date}.',
  'passkeys.unused': 'Noch nicht benutzt.',
  'passkeys.name': 'Wie der neue heißen soll',
  'passkeys.nameRule': 'Zum Beispiel wie das Gerät, auf dem er ist.',
  'passkeys.unnamed': 'Passkey',
  'passkeys.add': 'Passkey hinzufügen',
  'passkeys.newName': 'Name',
  'passkeys.rename': 'Umbenennen',
  'passkeys.remove': 'Entfernen',
  'passkeys.full': 'Mehr kann ein Konto nicht haben. Entfernen Sie einen, um einen anderen hinzuzufügen.',
  'passkeys.badName': 'Das ist kein Name: Er hat 1 bis {max} sichtbare Zeichen.',
  'passkeys.notAdded':
    'Der Passkey wurde nicht hinzugefügt: Was der Browser geschickt hat, stimmt nicht. Versuchen Sie es noch einmal.',
  'passkeys.taken': 'Dieser Passkey wurde schon hinzugefügt.',
  'passkeys.last':
    'Er wurde nicht entfernt: Nichts anderes öffnet Ihr Konto. Fügen Sie zuerst einen anderen Passkey oder ein Passwort hinzu.',
  'passkeys.gone': 'Diesen Passkey gibt es nicht mehr.',

  'with.submit': 'Mit {label} anmelden',
  'with.goOnTitle': 'Weiter zu {label}',
  'with.goOn': 'Weiter zu {label}',
  'with.denied':
    '{label} teilt mit, dass Sie sich dort nicht anmelden wollten. Versuchen Sie es noch einmal oder melden Sie sich anders an.',
  'with.unavailable':
    '{label} ist im Augenblick nicht zu erreichen. Melden Sie sich anders an oder versuchen Sie es in einer Minute wieder.',
  'with.failed':
    '{label} hat nicht auf vertrauenswürdige Weise mitgeteilt, wer Sie sind. Versuchen Sie es noch einmal oder melden Sie sich anders an.',
  'with.gone': 'Mit {label} kann sich niemand mehr anmelden. Melden Sie sich anders an.',
  'with.ended':
    'Es hat zu lange gedauert, wurde schon benutzt oder begann in einem anderen Browser. Beginnen Sie von vorn.',
  'with.unknown':
    'Diese Anmeldung bei {label} ist mit keinem Konto verbunden. Melden Sie sich anders an und verbinden Sie sie auf der Seite Ihres Kontos.',
  'with.refused': 'Das Konto, zu dem diese Anmeldung bei {label} gehört, kann nicht benutzt werden.',
  'with.confirm':
    'Es gibt ein Konto mit Ihrer Adresse. Melden Sie sich einmal dort an, um zu zeigen, dass es Ihres ist: Danach öffnet es auch {label}.',
  'connections.title': 'Verbundene Anmeldungen',
  'connections.none': 'Keine Anmeldung anderswo öffnet Ihr Konto.',
  'connections.some': 'Auch dies öffnet Ihr Konto:',
  'connections.connect': '{label} verbinden',
  'connections.disconnect': '{label} trennen',
  'connections.last':
    'Danach würde nichts mehr Ihr Konto öffnen. Wählen Sie zuerst ein Passwort oder verbinden Sie eine andere Anmeldung.',
  'connections.taken': 'Diese Anmeldung bei {label} öffnet ein anderes Konto. Trennen Sie sie zuerst dort.',

  'sessions.title': 'Wo Sie angemeldet sind',
  'sessions.explained':
    'Browser, in denen Sie angemeldet sind. Beenden Sie, was Sie nicht kennen, und ändern Sie dann Ihr Passwort.',
  'sessions.unknownBrowser': 'Ein unbekannter Browser',
  'sessions.thisBrowser': 'dieser Browser',
  'sessions.times': 'seit {since}, zuletzt benutzt {used}',
  'sessions.end': 'Beenden',
  'sessions.endOf': 'Anmeldung in {browser} beenden',
  'sessions.signOut': 'Überall abmelden',
  'sessions.signOutMeans': 'In jedem Browser, auch in diesem, und in jeder Anwendung, die für Sie handelt.',
  'applications.title': 'Anwendungen, denen Sie etwas erlaubt haben',
  'applications.none': 'Sie haben keiner Anwendung etwas erlaubt.',
  'applications.since': 'seit {since}',
  'applications.explained':
    'Eine Anwendung, der Sie es entziehen, kann sofort nichts mehr für Sie tun. Sie darf wieder fragen.',
  'applications.withdraw': 'Entziehen',
  'applications.withdrawOf': '{name} entziehen, was Sie erlaubt haben',

  'data.title': 'Ihre Daten',
  'data.explained':
    'Was hier über Sie bekannt ist: Ihr Konto, wo Sie angemeldet sind, was Sie erlaubt haben und was mit Ihrem Konto geschehen ist.',
  'data.download': 'Herunterladen (JSON)',
  'remove.title': 'Konto löschen',
  'remove.explained':
    'Alles, was dazu gehört, wird sofort und endgültig entfernt, und Sie werden überall abgemeldet. Was Anwendungen über Sie speichern, gehört nicht dazu: Fragen Sie dort nach.',
  'remove.confirm': 'Geben Sie Ihren Benutzernamen {username} ein, um fortzufahren.',
  'remove.wrong': 'Das ist nicht Ihr Benutzername. Es wurde nichts gelöscht.',
  'remove.submit': 'Mein Konto endgültig löschen',
  'remove.doneTitle': 'Ihr Konto ist gelöscht',
  'remove.done': 'Sie können diese Seite schließen.',

  'mail.removedSubject': 'Ihr Konto bei {site} ist gelöscht',
  'mail.removed':
    'Das Konto bei {site} mit dieser Adresse wurde mit allem gelöscht, was dazu gehörte.\n\nWaren Sie es nicht, sagen Sie es denen, die {site} betreiben.\n',
  'mail.accountSubject': 'Ihr Konto bei {site}',
  'mail.signUp':
    'Jemand, hoffentlich Sie, möchte ein Konto bei {site} mit dieser Adresse.\n\nÖffnen Sie dies innerhalb von 24 Stunden und wählen Sie ein Passwort:\n\n{link}\n\n',
  'mail.invitedSubject': 'Sie sind zu {site} eingeladen',
  'mail.invited':
    'Sie sind eingeladen, ein Konto bei {site} mit dieser Adresse zu haben.\n\nÖffnen Sie dies innerhalb von sieben Tagen und wählen Sie ein Passwort:\n\n{link}\n\nMöchten Sie keines, tun Sie nichts.\n',
  'mail.notYou': 'Waren Sie es nicht, tun Sie nichts: Ohne diesen Link geschieht nichts.\n',
  'mail.reset':
    'Sie haben ein Konto bei {site} mit dieser Adresse. Wissen Sie das Passwort nicht mehr, öffnen Sie dies innerhalb einer Stunde\nund wählen Sie ein neues:\n\n{link}\n\n',
  'mail.noAccount':
    'Jemand, vielleicht Sie, hat ein neues Passwort bei {site} angefordert. Mit dieser Adresse gibt es kein Konto: Vielleicht\nhaben Sie eine andere genommen. Waren Sie es nicht, tun Sie nichts.\n',
  'mail.factorSubject': 'Wie Sie sich bei {site} anmelden, wurde geändert',
  'mail.factorAdded': 'Zu Ihrem Konto bei {site} wurde ein zweiter Faktor hinzugefügt.\n\n',
  'mail.factorRemoved': 'Ein zweiter Faktor wurde von Ihrem Konto bei {site} entfernt.\n\n',
  'mail.recoveryMade':
    'Für Ihr Konto bei {site} wurden neue Wiederherstellungscodes erstellt. Die alten gelten nicht mehr.\n\n',
  'mail.recoveryUsedSubject': 'Anmeldung bei {site} mit einem Ihrer Wiederherstellungscodes',
  'mail.recoveryUsed':
    'Jemand, hoffentlich Sie, hat sich bei {site} mit einem Wiederherstellungscode an Ihrem Konto angemeldet. Dieser Code gilt nicht mehr.\n\n',
  'mail.factorsReset':
    'Wer {site} betreibt, hat jeden zweiten Faktor von Ihrem Konto entfernt. Ihr Passwort allein öffnet es jetzt: Fügen Sie einen neuen hinzu.\n\n',
  'mail.factorNotYou':
    'Waren Sie es nicht, ändern Sie sofort Ihr Passwort, sehen Sie Ihre zweiten Faktoren an und sagen Sie es denen, die {site} betreiben.\n',
  'mail.changedSubject': 'Ihr Passwort bei {site} wurde geändert',
  'mail.changed':
    'Das Passwort Ihres Kontos bei {site} wurde geändert, und Sie wurden überall abgemeldet.\n\nWaren Sie es nicht, fordern Sie auf der Anmeldeseite ein neues Passwort an und sagen Sie es denen, die {site} betreiben.\n',
  'mail.passkeyAddedSubject': 'Ein Passkey wurde Ihrem Konto bei {site} hinzugefügt',
  'mail.passkeyAdded':
    'Der Passkey „{name}“ wurde Ihrem Konto bei {site} hinzugefügt: Wer ihn hat, kann sich damit anmelden.\n\nWaren Sie es nicht, melden Sie sich an, entfernen Sie ihn und ändern Sie Ihr Passwort.\n',
  'mail.passkeyRemovedSubject': 'Ein Passkey Ihres Kontos bei {site} wurde entfernt',
  'mail.passkeyRemoved':
    'Der Passkey „{name}“ wurde von Ihrem Konto bei {site} entfernt: Niemand kann sich mehr damit anmelden.\n\nWaren Sie es nicht, ändern Sie Ihr Passwort und sagen Sie es denen, die {site} betreiben.\n',
}
