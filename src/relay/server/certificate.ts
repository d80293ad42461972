/** The certificate that a server presents: from files, or made here and kept, so that clients may learn to trust it. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import { generate } from 'selfsigned';
import type { Certificate } from '../../protocol-log/dialect.ts';
import { UserError } from '../../store/user-error.ts';
import type { CertificateSettings, TlsSettings, TlsVersion } from '../settings/relay-settings.ts';
import { shownValue } from '../settings/setting-path.ts';
import { ensureFolder } from './folder.ts';

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
  const files = owner.certificate.kind === 'files' ? owner.certificate : undefined;
  const certificatePath = files ? `certificate.certificate: ${shownValue(files.certificate)}` : 'certificate:';
  const keyPath = files ? `certificate.key: ${shownValue(files.key)}` : 'certificate:';
  const parsed = usable(certificatePath, 'The certificate has to be a PEM file.', () => new X509Certificate(pair.certificate));
  const key = usable(keyPath, 'The key has to be a PEM file without a password.', () => createPrivateKey(pair.key));
  if (!parsed.checkPrivateKey(key))
    throw new UserError(`${keyPath} belongs to another certificate`, 'Name the key that it was made with.');
  const { ciphers } = owner.tls;
  if (ciphers !== undefined)
    usable(`tls.ciphers: ${shownValue(ciphers)}`, 'Ciphers are names of OpenSSL, with colons between them.', () =>
      createSecureContext({ ciphers }),
    );
  const context = usable(certificatePath, 'Certificate and key have to be PEM files.', () => contextOf(pair, owner.tls));
  return { facts: factsOf(parsed), context, certificate: pair.certificate };
}

/** What the library cannot use is a UserError about the setting. */
function usable<T>(setting: string, hint: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new UserError(`${setting} cannot be used for TLS (${(error as Error).message})`, hint);
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
      return {
        certificate: readPem('certificate.certificate', certificate.certificate, server),
        key: readPem('certificate.key', certificate.key, server),
      };
    case 'self-signed':
      ensureFolder(dataFolder, 'data');
      return keptPair(join(dataFolder, 'certificates'), server, fqdn, now);
  }
}

function readPem(setting: string, file: string, server: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `${setting}: ${shownValue(file)} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      `Check the certificate of ${server} in the configuration.`,
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
  ensureFolder(folder, 'data');
  // One file, put in place at once: a key never stands beside another one's certificate.
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, `${made.cert.trim()}\n${made.private.trim()}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UserError(
      `data: ${shownValue(file)} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      'Name a folder that can be written.',
    );
  }
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
