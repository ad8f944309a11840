// The keys that -E tells. They stand between commas or ends of lines, each as `ALGORITHM:KEY`, which is for all that have no other,
// as `SPI@ADDRESS ALGORITHM:KEY`, as `ikev2 I|R INITIATOR RESPONDER AUTHENTICATION:KEY ALGORITHM:KEY`, or in a file as `file NAME`.
// They are read when the first packet that may need them comes.

import { aes } from "../../../wire/aes.ts";
import { decryptChained } from "../../../wire/block-cipher.ts";
import type { BlockCipher } from "../../../wire/block-cipher.ts";
import { bytesToHex } from "../../../wire/hex.ts";
import { parseIpv4, writeIpv4Address } from "../../../wire/ipv4-address.ts";
import { parseIpv6, writeIpv6Address } from "../../../wire/ipv6-address.ts";
import { tripleDes } from "../../../wire/triple-des.ts";

/** What the keys need of the program. */
export interface KeyReader {
  warn(text: string): void;
  /** Ends the program. */
  fail(text: string, status: number): never;
  /** The bytes of a file; a text if it cannot be read. */
  read(path: string): Uint8Array | string;
}

interface Algorithm {
  readonly keyLength: number;
  /** Bytes of a block and of the initialization vector. */
  readonly blockLength: number;
  readonly cipher: (key: Uint8Array) => BlockCipher;
}

const TRIPLE_DES: Algorithm = { keyLength: 24, blockLength: 8, cipher: tripleDes };
const aesOf = (keyLength: number): Algorithm => ({ keyLength, blockLength: 16, cipher: aes });
/** By OpenSSL's names and tcpdump's "3des". */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  "3des": TRIPLE_DES,
  des3: TRIPLE_DES,
  "des-ede3-cbc": TRIPLE_DES,
  aes128: aesOf(16),
  "aes-128-cbc": aesOf(16),
  aes192: aesOf(24),
  "aes-192-cbc": aesOf(24),
  aes256: aesOf(32),
  "aes-256-cbc": aesOf(32),
};

/** Bytes of the check value behind what is encrypted, of HMAC-MD5-96 and HMAC-SHA-1-96. */
const CHECK_LENGTH = 12;
const [CANNOT_OPEN, BAD_DIGIT] = [13, 15] as const; // exit status
const LONGEST_LINE = 1022; // characters of a line in a file

/** Whose an association is. */
export type Owner =
  | { readonly kind: "any" }
  /** `address` as hex digits. */
  | { readonly kind: "esp"; readonly spi: number; readonly address: string }
  /** `cookies` of initiator and responder as hex digits. */
  | { readonly kind: "ikev2"; readonly isInitiator: boolean; readonly cookies: string };

export class SecurityAssociation {
  readonly owner: Owner;
  readonly vectorLength: number;
  readonly checkLength: number;
  readonly #cipher: BlockCipher;
  readonly #reader: KeyReader;

  constructor(owner: Owner, algorithm: Algorithm, key: Uint8Array, checkLength: number, reader: KeyReader) {
    this.owner = owner;
    this.vectorLength = algorithm.blockLength;
    this.checkLength = checkLength;
    const whole = new Uint8Array(algorithm.keyLength);
    whole.set(key.subarray(0, algorithm.keyLength));
    this.#cipher = algorithm.cipher(whole);
    this.#reader = reader;
  }

  /** The plain text behind a vector; undefined if its length cannot be right, which is said in the name of `caller`. */
  decrypt(bytes: Uint8Array, caller: string): Uint8Array | undefined {
    const [vector, secret] = [bytes.subarray(0, this.vectorLength), bytes.subarray(this.vectorLength)];
    const { blockLength } = this.#cipher;
    if (secret.length % blockLength === 0) return decryptChained(this.#cipher, vector, secret);
    this.#reader.warn(
      `${caller}: ciphertext size ${secret.length} is not a multiple of the cipher block size ${blockLength}`,
    );
    return undefined;
  }
}

/** What stands in front of the first of the separators, and what behind it; undefined if there is none. */
function split(text: string, separators: RegExp): readonly [string, string | undefined] {
  const found = text.search(separators);
  return found < 0 ? [text, undefined] : [text.slice(0, found), text.slice(found + 1)];
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The bytes of an address of either version as hex digits. */
function addressDigits(text: string): string | undefined {
  const [version4, version6] = [parseIpv4(text), parseIpv6(text)];
  const bytes = new Uint8Array(version6 === undefined ? 4 : 16);
  if (version6 !== undefined) writeIpv6Address(bytes, 0, version6);
  else if (version4 !== undefined) writeIpv4Address(bytes, 0, version4);
  else return undefined;
  return bytesToHex(bytes);
}

/** Either of "0x"-digits, or of characters. */
interface Secret {
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
  readonly checkLength: number;
}

export class SecurityAssociations {
  readonly #reader: KeyReader;
  #text: string | undefined;
  /** The latest first. */
  readonly #all: SecurityAssociation[] = [];

  constructor(text: string, reader: KeyReader) {
    this.#text = text;
    this.#reader = reader;
  }

  esp(spi: number, address: string): SecurityAssociation | undefined {
    const all = this.#read();
    return (
      all.find(({ owner }) => owner.kind === "esp" && owner.spi === spi && owner.address === address) ??
      all.find(({ owner }) => owner.kind === "any")
    );
  }

  ikev2(isInitiator: boolean, cookies: string): SecurityAssociation | undefined {
    return this.#read().find(
      ({ owner }) => owner.kind === "ikev2" && owner.isInitiator === isInitiator && owner.cookies === cookies,
    );
  }

  #read(): readonly SecurityAssociation[] {
    let rest = this.#text;
    this.#text = undefined;
    while (rest !== undefined && rest !== "") {
      const [line, behind] = split(rest, /[\n,]/);
      rest = behind;
      this.#line(line, "cmdline", 0);
    }
    return this.#all;
  }

  #line(line: string, file: string, number: number): void {
    const [first, rest] = split(line, /[ \t]/);
    if (rest === undefined) return this.#add({ kind: "any" }, first);
    if (first.toLowerCase() === "file") return this.#file(rest);
    if (first.toLowerCase() === "ikev2") return this.#ikev2(rest, file, number);
    const owner = this.#owner(first);
    if (owner !== undefined) this.#add(owner, rest.replace(/^[ \t\r\n]+/, ""));
  }

  #file(path: string): void {
    const bytes = this.#reader.read(path);
    if (typeof bytes === "string") {
      return this.#reader.fail(`esp_print_decode_onesecret: can't open ${path}: ${bytes}`, CANNOT_OPEN);
    }
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    for (const [index, line] of text.split("\n").entries()) {
      if (line !== "" && !line.startsWith("#")) this.#line(line.slice(0, LONGEST_LINE), path, index + 1);
    }
  }

  /** The owner that `SPI@ADDRESS` tells. */
  #owner(text: string): Owner | undefined {
    const [number, place] = split(text, /@/);
    const [digits = ""] = /^\s*[+-]?(?:0[xX][\da-fA-F]+|\d+)/.exec(number) ?? [];
    if (digits === "" || place === undefined) {
      this.#reader.warn(`print_esp: failed to decode spi# ${number.slice(digits.length)}`);
      return undefined;
    }
    const bare = digits.trim();
    const isOctal = /^[+-]?0\d/.test(bare);
    const spi = (isOctal ? Number.parseInt(bare, 8) : Number(bare)) >>> 0;
    const address = addressDigits(place);
    if (address !== undefined) return { kind: "esp", spi, address };
    this.#reader.warn(`print_esp: can not decode IP# ${place}`);
    return undefined;
  }

  #ikev2(line: string, file: string, number: number): void {
    const [role, initiator, responder, authentication, encryption] = line.split(/[ \t]/);
    if (
      role === undefined ||
      initiator === undefined ||
      responder === undefined ||
      authentication === undefined ||
      encryption === undefined
    ) {
      return this.#reader.warn(`print_esp: failed to find all fields for ikev2 at ${file}:${number}`);
    }
    const isCookie = (text: string): boolean => text.startsWith("0x") && text.length === 18;
    if (!/^[IR]/.test(role) || !isCookie(initiator) || !isCookie(responder)) {
      this.#reader.warn(`print_esp: line ${file}:${number} improperly formatted.`);
      const cookie = (name: string, text: string): string => ` ${name}=${text}(${text.length})`;
      return this.#reader.warn(`init=${role}${cookie("icookie", initiator)}${cookie("rcookie", responder)}`);
    }
    for (const cookie of [initiator, responder]) this.#bytesOf(cookie.slice(2));
    const secret = this.#secret(encryption);
    if (secret === undefined) return;
    const [algorithm, key] = split(authentication, /:/);
    if (key === undefined) return this.#reader.warn(`failed to decode espsecret: ${authentication}`);
    const checkLength = ["sha1", "md5"].includes(algorithm.toLowerCase()) ? CHECK_LENGTH : secret.checkLength;
    const cookies = (initiator.slice(2) + responder.slice(2)).toLowerCase();
    this.#keep({ kind: "ikev2", isInitiator: role.startsWith("I"), cookies }, { ...secret, checkLength });
  }

  #add(owner: Owner, text: string): void {
    const secret = this.#secret(text);
    if (secret !== undefined) this.#keep(owner, secret);
  }

  #keep(owner: Owner, { algorithm, key, checkLength }: Secret): void {
    this.#all.unshift(new SecurityAssociation(owner, algorithm, key, checkLength, this.#reader));
  }

  /** What `ALGORITHM:KEY` tells. */
  #secret(text: string): Secret | undefined {
    const [whole, key] = split(text, /:/);
    if (key === undefined) {
      this.#reader.warn(`failed to decode espsecret: ${text}`);
      return undefined;
    }
    const name = whole.replace(/(?<=.)-hmac96$/, "");
    const bare = name.replace(/(?<=.)-cbc$/, "");
    const algorithm = ALGORITHMS[bare.toLowerCase()];
    if (algorithm === undefined) {
      this.#reader.warn(`failed to find cipher algo ${bare}`);
      return undefined;
    }
    const bytes = key.startsWith("0x") ? this.#bytesOf(key.slice(2)) : latin1(key);
    if (bytes.length === 0 && key.startsWith("0x")) return undefined;
    return { algorithm, key: bytes, checkLength: name === whole ? 0 : CHECK_LENGTH };
  }

  /** Bytes of hex digits; the last is left out if there is an odd number of them. */
  #bytesOf(digits: string): Uint8Array {
    const pairs = digits.match(/../g) ?? [];
    const wrong = /[^\da-fA-F]/.exec(pairs.join(""));
    if (wrong !== null) this.#reader.fail(`invalid hex digit ${wrong[0]} in espsecret`, BAD_DIGIT);
    return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  }
}
