;; The SIMD build of ChecksumKernel (checksum_kernel.ts), over the arena's own memory.
;;
;; The Internet checksum does not care for byte order (RFC 1071 §2 B), so words are added as they lie in memory, lowest
;; byte first, and only the finished sum has its two bytes exchanged. Pieces are taken from the front:
;;
;;   | 64 bytes | 64 bytes | ... | 16 bytes | ... | 8? | 4? | 2? | 1? |
;;
;; Each 16 bytes hold eight words, added in pairs into four lanes of 32 bits. A lane takes two words a step, so it stays
;; below 2^32 for 2^15 steps; the 65,535 bytes of the longest packet are 4,096.
;;
;; src/core/checksum_kernel_simd.ts embeds the build of this file; its test rebuilds it and prints what to embed.

(module
  (import "arena" "memory" (memory 1))

  ;; Brings the lanes and the sum of the last bytes together: 16 bits with the carries taken in, the high byte first.
  (func $finish (param $lanes v128) (param $rest i64) (result i32)
    (local $sum i64)
    (local $word i32)
    ;; Pairs of neighbouring lanes as 64-bit numbers, so that no carry is lost.
    (local.set $lanes
      (i64x2.add
        (i64x2.extend_low_i32x4_u (local.get $lanes))
        (i64x2.extend_high_i32x4_u (local.get $lanes))))
    (local.set $sum
      (i64.add
        (local.get $rest)
        (i64.add
          (i64x2.extract_lane 0 (local.get $lanes))
          (i64x2.extract_lane 1 (local.get $lanes)))))
    ;; 36 bits at most; each folding takes the carries back in: 21 bits, 17 bits, 16 bits.
    (local.set $sum (call $fold (call $fold (call $fold (local.get $sum)))))
    (local.set $word (i32.wrap_i64 (local.get $sum)))
    (i32.or
      (i32.shl (i32.and (local.get $word) (i32.const 0xff)) (i32.const 8))
      (i32.shr_u (local.get $word) (i32.const 8))))

  (func $fold (param $sum i64) (result i64)
    (i64.add
      (i64.and (local.get $sum) (i64.const 0xffff))
      (i64.shr_u (local.get $sum) (i64.const 16))))

  ;; sum(at, length)
  (func (export "sum") (param $at i32) (param $length i32) (result i32)
    (local $even v128) ;; two chains of additions, so that neither waits for the other
    (local $odd v128)
    (local $rest i64)
    (local $word i64)
    (block $no_blocks
      (br_if $no_blocks (i32.lt_u (local.get $length) (i32.const 64)))
      (loop $blocks
        (local.set $even
          (i32x4.add
            (i32x4.add (local.get $even) (i32x4.extadd_pairwise_i16x8_u (v128.load align=1 (local.get $at))))
            (i32x4.extadd_pairwise_i16x8_u (v128.load offset=32 align=1 (local.get $at)))))
        (local.set $odd
          (i32x4.add
            (i32x4.add (local.get $odd) (i32x4.extadd_pairwise_i16x8_u (v128.load offset=16 align=1 (local.get $at))))
            (i32x4.extadd_pairwise_i16x8_u (v128.load offset=48 align=1 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (local.set $length (i32.sub (local.get $length) (i32.const 64)))
        (br_if $blocks (i32.ge_u (local.get $length) (i32.const 64)))))
    (block $no_vectors
      (br_if $no_vectors (i32.lt_u (local.get $length) (i32.const 16)))
      (loop $vectors
        (local.set $even
          (i32x4.add (local.get $even) (i32x4.extadd_pairwise_i16x8_u (v128.load align=1 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $length (i32.sub (local.get $length) (i32.const 16)))
        (br_if $vectors (i32.ge_u (local.get $length) (i32.const 16)))))
    ;; Fewer than 16 bytes are left: the bits of the length say of which pieces they consist.
    (if (i32.and (local.get $length) (i32.const 8))
      (then
        (local.set $word (i64.load align=1 (local.get $at)))
        (local.set $rest
          (i64.add
            (i64.and (local.get $word) (i64.const 0xffffffff))
            (i64.shr_u (local.get $word) (i64.const 32))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))))
    (if (i32.and (local.get $length) (i32.const 4))
      (then
        (local.set $rest (i64.add (local.get $rest) (i64.load32_u align=1 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.and (local.get $length) (i32.const 2))
      (then
        (local.set $rest (i64.add (local.get $rest) (i64.load16_u align=1 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 2)))))
    ;; The last odd byte is the high half of a word on the wire, so the low half of one in memory.
    (if (i32.and (local.get $length) (i32.const 1))
      (then (local.set $rest (i64.add (local.get $rest) (i64.load8_u (local.get $at))))))
    (call $finish (i32x4.add (local.get $even) (local.get $odd)) (local.get $rest)))

  ;; copySum(to, from, length): the same walk, and each piece is stored on the way.
  (func (export "copySum") (param $to i32) (param $from i32) (param $length i32) (result i32)
    (local $even v128)
    (local $odd v128)
    (local $a v128)
    (local $b v128)
    (local $rest i64)
    (local $word i64)
    (block $no_blocks
      (br_if $no_blocks (i32.lt_u (local.get $length) (i32.const 64)))
      (loop $blocks
        (local.set $a (v128.load align=1 (local.get $from)))
        (local.set $b (v128.load offset=16 align=1 (local.get $from)))
        (v128.store align=1 (local.get $to) (local.get $a))
        (v128.store offset=16 align=1 (local.get $to) (local.get $b))
        (local.set $even (i32x4.add (local.get $even) (i32x4.extadd_pairwise_i16x8_u (local.get $a))))
        (local.set $odd (i32x4.add (local.get $odd) (i32x4.extadd_pairwise_i16x8_u (local.get $b))))
        (local.set $a (v128.load offset=32 align=1 (local.get $from)))
        (local.set $b (v128.load offset=48 align=1 (local.get $from)))
        (v128.store offset=32 align=1 (local.get $to) (local.get $a))
        (v128.store offset=48 align=1 (local.get $to) (local.get $b))
        (local.set $even (i32x4.add (local.get $even) (i32x4.extadd_pairwise_i16x8_u (local.get $a))))
        (local.set $odd (i32x4.add (local.get $odd) (i32x4.extadd_pairwise_i16x8_u (local.get $b))))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (local.set $to (i32.add (local.get $to) (i32.const 64)))
        (local.set $length (i32.sub (local.get $length) (i32.const 64)))
        (br_if $blocks (i32.ge_u (local.get $length) (i32.const 64)))))
    (block $no_vectors
      (br_if $no_vectors (i32.lt_u (local.get $length) (i32.const 16)))
      (loop $vectors
        (local.set $a (v128.load align=1 (local.get $from)))
        (v128.store align=1 (local.get $to) (local.get $a))
        (local.set $even (i32x4.add (local.get $even) (i32x4.extadd_pairwise_i16x8_u (local.get $a))))
        (local.set $from (i32.add (local.get $from) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $length (i32.sub (local.get $length) (i32.const 16)))
        (br_if $vectors (i32.ge_u (local.get $length) (i32.const 16)))))
    (if (i32.and (local.get $length) (i32.const 8))
      (then
        (local.set $word (i64.load align=1 (local.get $from)))
        (i64.store align=1 (local.get $to) (local.get $word))
        (local.set $rest
          (i64.add
            (i64.and (local.get $word) (i64.const 0xffffffff))
            (i64.shr_u (local.get $word) (i64.const 32))))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))))
    (if (i32.and (local.get $length) (i32.const 4))
      (then
        (local.set $word (i64.load32_u align=1 (local.get $from)))
        (i64.store32 align=1 (local.get $to) (local.get $word))
        (local.set $rest (i64.add (local.get $rest) (local.get $word)))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))))
    (if (i32.and (local.get $length) (i32.const 2))
      (then
        (local.set $word (i64.load16_u align=1 (local.get $from)))
        (i64.store16 align=1 (local.get $to) (local.get $word))
        (local.set $rest (i64.add (local.get $rest) (local.get $word)))
        (local.set $from (i32.add (local.get $from) (i32.const 2)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))))
    (if (i32.and (local.get $length) (i32.const 1))
      (then
        (local.set $word (i64.load8_u (local.get $from)))
        (i64.store8 (local.get $to) (local.get $word))
        (local.set $rest (i64.add (local.get $rest) (local.get $word)))))
    (call $finish (i32x4.add (local.get $even) (local.get $odd)) (local.get $rest))))
