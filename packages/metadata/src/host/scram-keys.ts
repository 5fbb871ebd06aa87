/**
 * The keys of SCRAM credentials, by the platform's cryptography. Source: RFC 5802, section 3.
 */
import { crypto } from '@skarab/base';
import type { ScramKeys } from '../core/controller/scram-control.ts';
import { ScramMechanismId } from '../core/image/scram-image.ts';

/** Derives what a server keeps. */
export const scramKeys: ScramKeys = (mechanism, saltedPassword) => {
  const algorithm = mechanism === ScramMechanismId.SCRAM_SHA_512 ? 'sha512' : 'sha256';
  const hmac = (text: string): Buffer => crypto().createHmac(algorithm, saltedPassword).update(text).digest();
  const storedKey = crypto().createHash(algorithm).update(hmac('Client Key')).digest();
  return { storedKey: new Uint8Array(storedKey), serverKey: new Uint8Array(hmac('Server Key')) };
};
