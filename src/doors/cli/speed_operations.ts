// What `netarium speed` measures: each primitive, ready to be run again and again on a provider, with the sizes that it was
// seen to have. Not here: the clock, and the table (speed.ts).

import { viewOf } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { EXAMPLE_RSA_2048 } from '../../secure/crypto/example_rsa_keys.ts';
import { hpke } from '../../secure/crypto/hpke.ts';
import { hashPassword, PASSWORD_METHODS, type PasswordMethod } from '../../secure/crypto/password_hash.ts';
import {
  AEAD_KEY_LENGTH,
  AEAD_NONCE_LENGTH,
  type AeadName,
  type AgreementGroup,
  type CryptoProvider,
  type EcdsaCurve,
  type HashName,
} from '../../secure/crypto/provider.ts';
import { checksumOf, sumBytes } from '../../wire/checksum.ts';

export const KINDS = {
  check: 'checks: against accidents, and against people',
  symmetric: 'symmetric encryption',
  asymmetric: 'asymmetric encryption',
  agreement: 'key agreement and encapsulation',
  signature: 'signatures',
  password: 'password hashes, slow on purpose',
} as const;
export type Kind = keyof typeof KINDS;

export interface Operation {
  readonly name: string;
  readonly kind: Kind;
  /** Undefined where the provider has nothing to do with it. */
  prepare(provider: CryptoProvider): Prepared;
}

export interface Prepared {
  readonly run: () => void;
  /** Of the key that is used, in bytes. */
  readonly keyBytes?: number;
  /** What is sent beside the message, or instead of it: tag, signature, share. */
  readonly addedBytes?: number;
  /** Of one run, where speed is a matter of length. */
  readonly messageBytes?: number;
  /** Where there is a limit that one meets. */
  readonly largestMessageBytes?: number;
}

const AEAD_NAMES: Readonly<Record<AeadName, string>> = {
  'aes-128-gcm': 'AES-128-GCM',
  'aes-256-gcm': 'AES-256-GCM',
  'chacha20-poly1305': 'ChaCha20-Poly1305',
};

const SHORT = 1400; // what a packet holds
const LONG = 16384; // what a record of TLS holds
const NONE = new Uint8Array(0);

const random = (): Random => Random.fromSeed(1);

function bytes(length: number): Uint8Array {
  const out = new Uint8Array(length);
  random().fill(out);
  return out;
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'Internet checksum, 1,400 B',
    kind: 'check',
    prepare(): Prepared {
      const view = viewOf(bytes(SHORT));
      return { run: () => checksumOf(sumBytes(view, 0, SHORT)), addedBytes: 2, messageBytes: SHORT };
    },
  },
  ...(['sha256', 'sha384'] as const).map((name) => hash(name)),
  ...(['sha256', 'sha384'] as const).map((name) => hmac(name)),
  ...(Object.keys(AEAD_KEY_LENGTH) as AeadName[]).flatMap((name) => [
    aead(name, 'seal', SHORT),
    aead(name, 'seal', LONG),
    aead(name, 'open', LONG),
  ]),
  rsaEncryption('encrypt'),
  rsaEncryption('decrypt'),
  hybrid(),
  ...(['X25519', 'P-256', 'P-384'] as const).flatMap(agreement),
  ...encapsulation(),
  ...ed25519(),
  ...(['P-256', 'P-384'] as const).flatMap(ecdsa),
  ...rsaSignature(),
  password('Argon2id, 19 MiB, 2 passes', PASSWORD_METHODS.argon2id),
  password('scrypt, N = 2^17', PASSWORD_METHODS.scrypt),
  password('PBKDF2-SHA256, 60,000 rounds', { kind: 'pbkdf2', hash: 'sha256', iterations: 60_000 }),
];

function hash(name: HashName): Operation {
  return {
    name: `${shown(name)}, 1,400 B`,
    kind: 'check',
    prepare(provider): Prepared {
      const message = bytes(SHORT);
      const addedBytes = provider.hash(name, message).length;
      return { run: () => provider.hash(name, message), addedBytes, messageBytes: SHORT };
    },
  };
}

function hmac(name: HashName): Operation {
  return {
    name: `HMAC-${shown(name)}, 1,400 B`,
    kind: 'check',
    prepare(provider): Prepared {
      const [key, message] = [bytes(32), bytes(SHORT)];
      const addedBytes = provider.hmac(name, key, message).length;
      return {
        run: () => provider.hmac(name, key, message),
        keyBytes: key.length,
        addedBytes,
        messageBytes: SHORT,
      };
    },
  };
}

function aead(name: AeadName, verb: 'seal' | 'open', length: number): Operation {
  return {
    name: `${AEAD_NAMES[name]} ${verb}, ${length.toLocaleString('en')} B`,
    kind: 'symmetric',
    prepare(provider): Prepared {
      const [key, nonce, header, message] = [
        bytes(AEAD_KEY_LENGTH[name]),
        bytes(AEAD_NONCE_LENGTH),
        bytes(5),
        bytes(length),
      ];
      const prepared = provider.prepareAead(name, key);
      const sealed = prepared.seal(nonce, header, message);
      return {
        run:
          verb === 'seal'
            ? () => prepared.sealInto(nonce, header, message, sealed, 0)
            : () => prepared.open(nonce, header, sealed),
        keyBytes: key.length,
        addedBytes: sealed.length - message.length,
        messageBytes: length,
      };
    },
  };
}

function rsaEncryption(verb: 'encrypt' | 'decrypt'): Operation {
  return {
    name: `RSA-2048 OAEP ${verb}`,
    kind: 'asymmetric',
    prepare(provider): Prepared {
      const key = provider.rsa.importKey(EXAMPLE_RSA_2048);
      const source = random();
      const encrypt = (message: Uint8Array): Uint8Array => key.publicKey.encryptOaep('sha256', message, source);
      const message = bytes(largest(key.publicKey.length, encrypt));
      const ciphertext = encrypt(message);
      return {
        run: verb === 'encrypt' ? () => encrypt(message) : () => key.decryptOaep('sha256', ciphertext),
        keyBytes: key.publicKey.length,
        addedBytes: ciphertext.length - message.length,
        messageBytes: message.length,
        largestMessageBytes: message.length,
      };
    },
  };
}

/** The longest message that is taken, by trying. */
function largest(from: number, encrypt: (message: Uint8Array) => unknown): number {
  for (let length = from; ; length--) {
    try {
      encrypt(new Uint8Array(length));
      return length;
    } catch (error) {
      if (!(error instanceof RangeError) || length === 0) throw error;
    }
  }
}

function hybrid(): Operation {
  return {
    name: 'HPKE: X25519, then ChaCha20, 16,384 B',
    kind: 'asymmetric',
    prepare(provider): Prepared {
      const suite = hpke(provider, { kem: 'X25519', kdf: 'sha256', aead: 'chacha20-poly1305' });
      const source = random();
      const { publicKey } = provider.agreement.X25519.generate(source);
      const message = bytes(LONG);
      const seal = (): number => {
        const sender = suite.setupSender(publicKey, NONE, source);
        return (sender?.encapsulatedKey.length ?? 0) + (sender?.seal(NONE, message).length ?? 0);
      };
      return { run: seal, keyBytes: publicKey.length, addedBytes: seal() - message.length, messageBytes: LONG };
    },
  };
}

function agreement(group: AgreementGroup): readonly Operation[] {
  const sizes = (provider: CryptoProvider): Omit<Prepared, 'run'> => ({
    keyBytes: provider.agreement[group].secretLength,
    addedBytes: provider.agreement[group].generate(random()).publicKey.length,
  });
  return [
    {
      name: `${group} new key`,
      kind: 'agreement',
      prepare(provider): Prepared {
        const source = random();
        return { run: () => provider.agreement[group].generate(source), ...sizes(provider) };
      },
    },
    {
      name: `${group} agree`,
      kind: 'agreement',
      prepare(provider): Prepared {
        const source = random();
        const [ours, theirs] = [provider.agreement[group].generate(source), provider.agreement[group].generate(source)];
        return { run: () => ours.agree(theirs.publicKey), ...sizes(provider) };
      },
    },
  ];
}

function encapsulation(): readonly Operation[] {
  const operation = (verb: string, choose: (provider: CryptoProvider) => Prepared): Operation => ({
    name: `ML-KEM-768 ${verb}`,
    kind: 'agreement',
    prepare: choose,
  });
  return [
    operation('new key', ({ mlKem768 }) => {
      const source = random();
      const { seed, publicKey } = mlKem768.generate(source);
      return { run: () => mlKem768.generate(source), keyBytes: seed.length, addedBytes: publicKey.length };
    }),
    operation('encapsulate', ({ mlKem768 }) => {
      const source = random();
      const { publicKey } = mlKem768.generate(source);
      const addedBytes = mlKem768.encapsulate(publicKey, source)?.ciphertext.length ?? 0;
      return { run: () => mlKem768.encapsulate(publicKey, source), keyBytes: publicKey.length, addedBytes };
    }),
    operation('decapsulate', ({ mlKem768 }) => {
      const source = random();
      const key = mlKem768.generate(source);
      const { ciphertext = NONE } = mlKem768.encapsulate(key.publicKey, source) ?? {};
      return { run: () => key.decapsulate(ciphertext), keyBytes: key.seed.length, addedBytes: ciphertext.length };
    }),
  ];
}

/** Two rows for a signature, with messages of 200 bytes, about what certificates and handshakes sign. */
function signing(
  name: string,
  prepare: (
    provider: CryptoProvider,
    message: Uint8Array,
  ) => {
    readonly sign: () => Uint8Array;
    readonly verify: (signature: Uint8Array) => boolean;
    readonly keyBytes: number;
  },
): readonly Operation[] {
  return (['sign', 'verify'] as const).map((verb) => ({
    name: `${name} ${verb}`,
    kind: 'signature',
    prepare(provider): Prepared {
      const { sign, verify, keyBytes } = prepare(provider, bytes(200));
      const signature = sign();
      return { run: verb === 'sign' ? sign : () => verify(signature), keyBytes, addedBytes: signature.length };
    },
  }));
}

function ed25519(): readonly Operation[] {
  return signing('Ed25519', (provider, message) => {
    const key = provider.ed25519.generate(random());
    return {
      sign: () => key.sign(message),
      verify: (signature) => key.publicKey.verify(message, signature),
      keyBytes: key.publicKey.bytes.length,
    };
  });
}

function ecdsa(curve: EcdsaCurve): readonly Operation[] {
  const hashName = curve === 'P-256' ? 'sha256' : 'sha384';
  return signing(`ECDSA ${curve}`, (provider, message) => {
    const key = provider.ecdsa[curve].generate(random());
    return {
      sign: () => key.sign(hashName, message, 'raw'),
      verify: (signature) => key.publicKey.verify(hashName, message, signature, 'raw'),
      keyBytes: key.publicKey.point.length,
    };
  });
}

function rsaSignature(): readonly Operation[] {
  return signing('RSA-2048 PSS', (provider, message) => {
    const key = provider.rsa.importKey(EXAMPLE_RSA_2048);
    const source = random();
    return {
      sign: () => key.signPss('sha256', message, source),
      verify: (signature) => key.publicKey.verifyPss('sha256', message, signature),
      keyBytes: key.publicKey.length,
    };
  });
}

function password(name: string, method: PasswordMethod): Operation {
  return {
    name,
    kind: 'password',
    prepare(provider): Prepared {
      const source = random();
      return { run: () => hashPassword(provider, 'correct horse battery staple', source, method) };
    },
  };
}

function shown(name: HashName): string {
  return name.toUpperCase().replace('SHA', 'SHA-');
}
