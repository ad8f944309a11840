// What the core may take from its surroundings beyond ECMAScript: the two text codecs of the WHATWG Encoding
// standard, which Node and every browser have. Anything else (clock, randomness, files) is passed in.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
