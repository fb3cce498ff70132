#!/bin/sh
# Makes an authority for clients, a certificate for the client `reports`, and an empty revocation list.
set -eu
cd "$(dirname "$0")"
mkdir -p ca
cat > ca/openssl.cnf <<'CNF'
[ca]
default_ca = clients
[clients]
dir = ca
database = $dir/index.txt
certificate = $dir/clients.pem
private_key = $dir/clients.key
new_certs_dir = $dir
serial = $dir/serial
crlnumber = $dir/crlnumber
default_md = sha256
default_days = 90
default_crl_days = 7
policy = any
unique_subject = no
[any]
organizationName = optional
commonName = supplied
CNF
: > ca/index.txt
echo 1000 > ca/serial
echo 01 > ca/crlnumber

# The authority. Its key is all that an intruder needs: keep it off the gateway.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
  -subj '/O=Example/CN=Example clients' -keyout ca/clients.key -out ca/clients.pem \
  -addext basicConstraints=critical,CA:true,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign

# A client: its key is made where it is used, and only the request travels.
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -subj '/O=Example/CN=reports' -keyout reports.key -out reports.csr
printf 'extendedKeyUsage=clientAuth\nkeyUsage=critical,digitalSignature\nsubjectAltName=URI:spiffe://example.org/reports\n' \
  > ca/reports.ext
openssl ca -config ca/openssl.cnf -batch -notext -in reports.csr -extfile ca/reports.ext -out reports.pem

# The revocation list. Make the next one before this one ends (default_crl_days).
openssl ca -config ca/openssl.cnf -gencrl -out ca/clients.crl
