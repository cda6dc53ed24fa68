import { createPublicKey, verify } from "node:crypto";

/** Whether `signature` (r and s, 32 bytes each, big-endian) is one over `bytes`. */
export type EcdsaVerifier = (bytes: Uint8Array, signature: Uint8Array) => boolean;

/** Verifies ECDSA P-256 with SHA-256 by a public key (DER, SubjectPublicKeyInfo). Throws a TypeError for bytes that are no such key. */
export function ecdsaP256Verifier(publicKey: Uint8Array): EcdsaVerifier {
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  } catch (cause) {
    throw new TypeError("the bytes are no public key", { cause });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new TypeError("the public key is not one of P-256");
  return (bytes, signature) => verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature);
}
