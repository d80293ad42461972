/** The certificate that a server presents: from files, or made here and kept, so that clients may learn to trust it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import { generate } from 'selfsigned';
import type { Certificate } from '../../protocol-log/dialect.ts';
import { UserError } from '../../store/user-error.ts';
import type { CertificateSettings, TlsSettings, TlsVersion } from '../settings/relay-settings.ts';

export interface ServerCertificate {
  /** As the log has it. */
  readonly facts: Certificate;
  readonly context: SecureContext;
  /** PEM. */
  readonly certificate: string;
}

export interface CertificateOwner {
  readonly server: string;
  readonly fqdn: string;
  readonly certificate: CertificateSettings;
  readonly tls: TlsSettings;
}

interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const DAY = 86_400_000;
const VALID_DAYS = 5 * 365;

/** undefined where the server has none. A UserError where it cannot be read, or key and certificate do not belong together. */
export async function certificateOf(
  owner: CertificateOwner,
  dataFolder: string,
  now: number,
): Promise<ServerCertificate | undefined> {
  const pair = await keyPairOf(owner, dataFolder, now);
  if (!pair) return undefined;
  const where = owner.certificate.kind === 'files' ? owner.certificate.certificate : `the certificate of ${owner.server}`;
  try {
    const parsed = new X509Certificate(pair.certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(pair.key)))
      throw new UserError(`${where}: the private key belongs to another certificate`, 'Name the key that it was made with.');
    return { facts: factsOf(parsed), context: contextOf(pair, owner.tls), certificate: pair.certificate };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${where}: cannot be used for TLS (${(error as Error).message})`,
      'Certificate and key have to be PEM files, the key without a password, and the ciphers names of OpenSSL.',
    );
  }
}

async function keyPairOf(
  { certificate, server, fqdn }: CertificateOwner,
  dataFolder: string,
  now: number,
): Promise<KeyPair | undefined> {
  switch (certificate.kind) {
    case 'none':
      return undefined;
    case 'files':
      return { certificate: readPem(certificate.certificate), key: readPem(certificate.key) };
    case 'self-signed':
      return keptPair(join(dataFolder, 'certificates'), server, fqdn, now);
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'Check the certificate in the configuration.',
    );
  }
}

/** The pair of an earlier start, as long as it is valid and of the same name. */
async function keptPair(folder: string, server: string, fqdn: string, now: number): Promise<KeyPair> {
  const file = join(folder, `${server}.pem`);
  const kept = keptIn(file);
  if (kept && isGood(kept, fqdn, now)) return kept;
  const made = await generate([{ name: 'commonName', value: fqdn }], {
    algorithm: 'sha256',
    keySize: 2048,
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + VALID_DAYS * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...new Set([fqdn, server, 'localhost'])].map((value) => ({ type: 2, value })) },
    ],
  });
  mkdirSync(folder, { recursive: true });
  // One file, put in place at once: a key never stands beside another one's certificate.
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${made.cert.trim()}\n${made.private.trim()}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return { certificate: made.cert, key: made.private };
}

function keptIn(file: string): KeyPair | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const [certificate] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(text) ?? [];
    const [key] = /-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]*?-----END (?:RSA )?PRIVATE KEY-----/.exec(text) ?? [];
    return certificate && key ? { certificate, key } : undefined;
  } catch {
    return undefined;
  }
}

function isGood({ certificate, key }: KeyPair, fqdn: string, now: number): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const isValid = Date.parse(parsed.validTo) > now + DAY;
    return isValid && parsed.checkHost(fqdn) !== undefined && parsed.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** Names in Windows' order, which is the reverse of OpenSSL's. */
const nameOf = (name: string): string => name.split('\n').reverse().join(', ');

function factsOf(parsed: X509Certificate): Certificate {
  return {
    subject: nameOf(parsed.subject ?? ''),
    issuer: nameOf(parsed.issuer ?? ''),
    serialNumber: parsed.serialNumber,
    thumbprint: parsed.fingerprint.replaceAll(':', ''),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
    alternateNames: (parsed.subjectAltName ?? '').split(', ').flatMap((name) => /^DNS:(.*)$/.exec(name)?.[1] ?? []),
  };
}

const VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

function contextOf({ certificate, key }: KeyPair, { minVersion, maxVersion, ciphers }: TlsSettings): SecureContext {
  // OpenSSL allows TLS 1.0 and 1.1 only where it is told that security does not matter.
  const old = minVersion < '1.2' ? 'DEFAULT:@SECLEVEL=0' : undefined;
  const chosen = ciphers ?? old;
  return createSecureContext({
    cert: certificate,
    key,
    minVersion: VERSIONS[minVersion],
    maxVersion: VERSIONS[maxVersion],
    honorCipherOrder: true,
    ...(chosen !== undefined && { ciphers: chosen }),
  });
}
