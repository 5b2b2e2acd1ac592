// RSA keys for tests, made once: of 1,024 bits, and of 1,025, whose padded blocks are a byte shorter than its signatures.
// They protect nothing.

import type { RsaPrivateNumbers } from '../../src/secure/crypto/provider.ts';
import { rsaNumbers } from '../../src/secure/crypto/rsa_numbers.ts';

export const RSA_1024: RsaPrivateNumbers = rsaNumbers(
  BigInt(
    `0x${
      'c851f735a9d188ef669bffeb1df61fe31e9d7720a82aef1b8e877e188e29a99a9bbab8f266d55507a7e91c838238dc17' +
      'b7c948eb2f84b1a56247a9659a697877'
    }`,
  ),
  BigInt(
    `0x${
      'c828334c48f29746572b1ec8dd02e5c16d68f6c9539e6e5f5efe8fa75ec9f4c96ed1dd6f028e6ef6e2212a279d1a1454' +
      'e826deef18607fc4026f1d1f22d50c33'
    }`,
  ),
);

export const RSA_1025: RsaPrivateNumbers = rsaNumbers(
  BigInt(
    `0x${
      '01d758b87278b7bdb7c69f056899e7e567203d97708d671f9c071fcab06b521bf5349cd263c98b977a021e032c744806' +
      'bb025d9e748eb21ff61e0cff1d9264dbb3'
    }`,
  ),
  BigInt(
    `0x${
      'd8c3b95991286ed4730669ebef4669329daba89b1f03a728f91c4cf4cb521a89a79d3b67b0f3f77f802da48fb7f366ce' +
      '205837a944c961c175fa815e3ad40ddb'
    }`,
  ),
);
