#!/bin/sh
# Sends a signed webhook (RFC 9421, RFC 9530): send.sh [body to sign] [body to send]
set -eu
cd "$(dirname "$0")"
[ -f payments.key ] || openssl genpkey -algorithm ed25519 -out payments.key
openssl pkey -in payments.key -pubout -out payments.pub

body=${1:-'{"paid":true}'}
host=127.0.0.1:8443
path=/webhooks/payments
digest="sha-256=:$(printf %s "$body" | openssl dgst -sha256 -binary | openssl base64 -A):"
input="(\"@method\" \"@target-uri\" \"content-digest\");created=$(date +%s);keyid=\"payments\";nonce=\"$(openssl rand -hex 9)\""
printf '"@method": POST\n"@target-uri": https://%s%s\n"content-digest": %s\n"@signature-params": %s' \
  "$host" "$path" "$digest" "$input" > base.txt
signature=$(openssl pkeyutl -sign -rawin -inkey payments.key -in base.txt | openssl base64 -A)

curl -sk -i "https://$host$path" -H 'Content-Type: application/json' -H "Content-Digest: $digest" \
  -H "Signature-Input: sig=$input" -H "Signature: sig=:$signature:" --data-binary "${2:-$body}"
