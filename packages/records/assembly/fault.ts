/** What a decoder returns instead of a size: why a block is malformed. The names are in src/codec/block-decoder.ts. */
export const LENGTH_CUT_OFF: i32 = -1;
export const LITERALS_DO_NOT_FIT: i32 = -2;
export const OFFSET_CUT_OFF: i32 = -3;
export const OFFSET_OUTSIDE: i32 = -4;
export const MATCH_DOES_NOT_FIT: i32 = -5;
export const ENDS_TOO_SOON: i32 = -6;
