/**
 * The check that every family's codec must pass: what a real kernel sent decodes without an unknown attribute, and
 * encodes to the same bytes.
 */

import { expect } from "vitest";
import { type Decoded, isMalformed } from "../../wire/malformed.ts";
import type { RawAttribute } from "../attributes.ts";
import { exchanges, type Profile, toHex } from "./exchanges.ts";

interface Codec<R> {
  readonly encode: (record: R) => Uint8Array;
  readonly decode: (body: Uint8Array) => Decoded<R>;
}

interface Recording {
  readonly profile: Profile;
  /** Name of the file of exchanges. */
  readonly family: string;
  /** Types of the messages that the codec is for. */
  readonly types: readonly number[];
}

/** Checks every received message of these types; returns how many there were. */
export function expectSameBytes<R extends { readonly unknown?: readonly RawAttribute[] | undefined }>(
  codec: Codec<R>,
  recording: Recording,
): number {
  let count = 0;
  for (const { command, received } of exchanges(recording.profile, recording.family)) {
    for (const message of received) {
      if (!recording.types.includes(message.type)) continue;
      const record = codec.decode(message.body);
      if (isMalformed(record)) throw new Error(`${command}: ${record}`);
      expect([command, toHex(codec.encode(record))]).toEqual([command, toHex(message.body)]);
      expect([command, record.unknown]).toEqual([command, undefined]);
      count++;
    }
  }
  return count;
}

/** Every request of these types decodes without an unknown attribute. Returns the records. */
export function decodedRequests<R extends { readonly unknown?: readonly RawAttribute[] | undefined }>(
  codec: Codec<R>,
  recording: Recording,
): readonly { readonly command: string; readonly record: R }[] {
  const all: { command: string; record: R }[] = [];
  for (const { command, sent } of exchanges(recording.profile, recording.family)) {
    for (const message of sent) {
      if (!recording.types.includes(message.type)) continue;
      const record = codec.decode(message.body);
      if (isMalformed(record)) throw new Error(`${command}: ${record}`);
      expect([command, record.unknown]).toEqual([command, undefined]);
      const again = codec.decode(codec.encode(record));
      expect([command, again]).toEqual([command, record]);
      all.push({ command, record });
    }
  }
  return all;
}
