;; Encodes a string in UTF-8, by way of an array, which built-in functions for strings can fill. See `wide.ts`.
(module
  (type $units (array (mut i16)))
  (import "wasm:js-string" "intoCharCodeArray" (func $into (param externref (ref null $units) i32) (result i32)))
  (import "isoblob" "memory" (memory 1))
  ;; A multiple of 4: the most UTF-16 code units of a string.
  (global $buffer (ref $units) (array.new_default $units (i32.const 8192)))

  ;; Writes a string, in which no half of a surrogate pair stands alone, to `$to`; returns where it ends. From `$from` on
  ;; there is room for its UTF-16 code units.
  (func (export "encode") (param $text externref) (param $from i32) (param $to i32) (result i32)
    (local $buffer (ref $units)) (local $unit i32) (local $at i32) (local $end i32) (local $stop i32) (local $c i32)
    (local $a v128) (local $b v128)
    (local.set $end
      (i32.add
        (local.get $from)
        (i32.shl
          (call $into (local.get $text) (local.tee $buffer (global.get $buffer)) (i32.const 0))
          (i32.const 1))))

    ;; Its code units, four at a time.
    (local.set $at (local.get $from))
    (loop $copy
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (i32.store16 (local.get $at) (array.get_u $units (local.get $buffer) (local.get $unit)))
        (i32.store16 offset=2 (local.get $at)
          (array.get_u $units (local.get $buffer) (i32.add (local.get $unit) (i32.const 1))))
        (i32.store16 offset=4 (local.get $at)
          (array.get_u $units (local.get $buffer) (i32.add (local.get $unit) (i32.const 2))))
        (i32.store16 offset=6 (local.get $at)
          (array.get_u $units (local.get $buffer) (i32.add (local.get $unit) (i32.const 3))))
        (local.set $unit (i32.add (local.get $unit) (i32.const 4)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $copy))))

    (loop $blocks
      (if (i32.lt_u (local.get $from) (local.get $end)) (then
        ;; Sixteen that are ASCII at once.
        (local.set $stop (i32.add (local.get $from) (i32.const 32)))
        (if (i32.le_u (local.get $stop) (local.get $end))
          (then
            (local.set $a (v128.load (local.get $from)))
            (local.set $b (v128.load offset=16 (local.get $from)))
            (if (i32.eqz (v128.any_true (v128.and
                  (v128.or (local.get $a) (local.get $b))
                  (v128.const i16x8 0xff80 0xff80 0xff80 0xff80 0xff80 0xff80 0xff80 0xff80))))
              (then
                (v128.store (local.get $to) (i8x16.narrow_i16x8_u (local.get $a) (local.get $b)))
                (local.set $to (i32.add (local.get $to) (i32.const 16)))
                (local.set $from (local.get $stop))
                (br $blocks))))
          (else (local.set $stop (local.get $end))))

        ;; Sixteen one by one.
        (loop $units
          (local.set $c (i32.load16_u (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 2)))
          (if (i32.lt_u (local.get $c) (i32.const 0x80))
            (then
              (i32.store8 (local.get $to) (local.get $c)))
            (else
              (if (i32.lt_u (local.get $c) (i32.const 0x800))
                (then
                  (i32.store8 (local.get $to) (i32.or (i32.const 0xc0) (i32.shr_u (local.get $c) (i32.const 6)))))
                (else
                  (if (i32.eq (i32.and (local.get $c) (i32.const 0xf800)) (i32.const 0xd800))
                    (then
                      ;; (0xd800 << 10) + 0xdc00 - 0x10000 is what marks the halves of a pair.
                      (local.set $c
                        (i32.sub
                          (i32.add (i32.shl (local.get $c) (i32.const 10)) (i32.load16_u (local.get $from)))
                          (i32.const 0x35fdc00)))
                      (local.set $from (i32.add (local.get $from) (i32.const 2)))
                      (i32.store8 (local.get $to) (i32.or (i32.const 0xf0) (i32.shr_u (local.get $c) (i32.const 18))))
                      (local.set $to (i32.add (local.get $to) (i32.const 1)))
                      (call $store_six_bits (local.get $to) (local.get $c) (i32.const 12)))
                    (else
                      (i32.store8 (local.get $to) (i32.or (i32.const 0xe0) (i32.shr_u (local.get $c) (i32.const 12))))))
                  (local.set $to (i32.add (local.get $to) (i32.const 1)))
                  (call $store_six_bits (local.get $to) (local.get $c) (i32.const 6))))
              (local.set $to (i32.add (local.get $to) (i32.const 1)))
              (call $store_six_bits (local.get $to) (local.get $c) (i32.const 0))))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (br_if $units (i32.lt_u (local.get $from) (local.get $stop))))
        (br $blocks))))
    (local.get $to))

  ;; Writes one of the bytes that follow the first of a character.
  (func $store_six_bits (param $to i32) (param $c i32) (param $shift i32)
    (i32.store8
      (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $c) (local.get $shift)) (i32.const 0x3f))))))
