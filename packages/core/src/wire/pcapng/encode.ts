/** Writes pcapng blocks, little-endian. */
import { copyBytes, writeU16LE, writeU32LE } from "../bytes.ts";
import {
  BLOCK_HEAD,
  BLOCK_TAIL,
  BlockType,
  BYTE_ORDER_MAGIC,
  FixedLength,
  padded,
  type PcapngBlock,
  type PcapngOption,
} from "./blocks.ts";

function optionsLength(options: readonly PcapngOption[]): number {
  if (options.length === 0) return 0;
  let length = 4;
  for (const option of options) length += 4 + padded(option.value.length);
  return length;
}

/** Bytes of the whole block. */
export function pcapngBlockLength(block: PcapngBlock): number {
  return BLOCK_HEAD + bodyLength(block) + BLOCK_TAIL;
}

function bodyLength(block: PcapngBlock): number {
  switch (block.kind) {
    case "section":
      return FixedLength.SECTION_HEADER + optionsLength(block.options);
    case "interface":
      return FixedLength.INTERFACE + optionsLength(block.options);
    case "packet":
    case "obsolete-packet":
      return FixedLength.PACKET + padded(block.bytes.length) + optionsLength(block.options);
    case "simple-packet":
      return FixedLength.SIMPLE_PACKET + padded(block.bytes.length);
    case "names": {
      const records = block.records.reduce((sum, { value }) => sum + 4 + padded(value.length), 4);
      return records + optionsLength(block.options);
    }
    case "statistics":
      return FixedLength.STATISTICS + optionsLength(block.options);
    case "secrets":
      return FixedLength.SECRETS + padded(block.bytes.length) + optionsLength(block.options);
    case "custom":
      return FixedLength.CUSTOM + padded(block.body.length);
    case "other":
      return padded(block.body.length);
  }
}

/** Writes a block. Returns the offset after it. */
export function writePcapngBlock(block: PcapngBlock, buf: Uint8Array, off: number): number {
  const length = pcapngBlockLength(block);
  const end = off + length;
  buf.fill(0, off, end);
  writeU32LE(buf, off, typeOf(block));
  writeU32LE(buf, off + 4, length);
  writeU32LE(buf, end - BLOCK_TAIL, length);
  writeBody(block, buf, off + BLOCK_HEAD);
  return end;
}

function typeOf(block: PcapngBlock): number {
  switch (block.kind) {
    case "section":
      return BlockType.SECTION_HEADER;
    case "interface":
      return BlockType.INTERFACE;
    case "packet":
      return BlockType.ENHANCED_PACKET;
    case "simple-packet":
      return BlockType.SIMPLE_PACKET;
    case "obsolete-packet":
      return BlockType.OBSOLETE_PACKET;
    case "names":
      return BlockType.NAME_RESOLUTION;
    case "statistics":
      return BlockType.INTERFACE_STATISTICS;
    case "secrets":
      return BlockType.DECRYPTION_SECRETS;
    case "custom":
      return block.copied ? BlockType.CUSTOM : BlockType.CUSTOM_NOT_COPIED;
    case "other":
      return block.type;
  }
}

function writeBody(block: PcapngBlock, buf: Uint8Array, body: number): void {
  switch (block.kind) {
    case "section":
      writeU32LE(buf, body, BYTE_ORDER_MAGIC);
      writeU16LE(buf, body + 4, block.major);
      writeU16LE(buf, body + 6, block.minor);
      writeLong(buf, body + 8, block.length ?? 0xffff_ffff_ffff_ffffn);
      writeOptions(block.options, buf, body + FixedLength.SECTION_HEADER);
      return;
    case "interface":
      writeU16LE(buf, body, block.linkType);
      writeU32LE(buf, body + 4, block.snapLength);
      writeOptions(block.options, buf, body + FixedLength.INTERFACE);
      return;
    case "packet":
    case "obsolete-packet": {
      const start = body + FixedLength.PACKET;
      if (block.kind === "packet") writeU32LE(buf, body, block.interfaceIndex);
      else {
        writeU16LE(buf, body, block.interfaceIndex);
        writeU16LE(buf, body + 2, block.drops);
      }
      writeTimestamp(buf, body + 4, block.timestamp);
      writeU32LE(buf, body + 12, block.bytes.length);
      writeU32LE(buf, body + 16, block.originalLength);
      copyBytes(block.bytes, 0, buf, start, block.bytes.length);
      writeOptions(block.options, buf, start + padded(block.bytes.length));
      return;
    }
    case "simple-packet":
      writeU32LE(buf, body, block.originalLength);
      copyBytes(block.bytes, 0, buf, body + FixedLength.SIMPLE_PACKET, block.bytes.length);
      return;
    case "names": {
      let at = body;
      for (const { type, value } of block.records) at = writeItem(buf, at, type, value);
      // The end of the records: type and length 0.
      writeOptions(block.options, buf, at + 4);
      return;
    }
    case "statistics":
      writeU32LE(buf, body, block.interfaceIndex);
      writeTimestamp(buf, body + 4, block.timestamp);
      writeOptions(block.options, buf, body + FixedLength.STATISTICS);
      return;
    case "secrets":
      writeU32LE(buf, body, block.type);
      writeU32LE(buf, body + 4, block.bytes.length);
      copyBytes(block.bytes, 0, buf, body + FixedLength.SECRETS, block.bytes.length);
      writeOptions(block.options, buf, body + FixedLength.SECRETS + padded(block.bytes.length));
      return;
    case "custom":
      writeU32LE(buf, body, block.enterprise);
      copyBytes(block.body, 0, buf, body + FixedLength.CUSTOM, block.body.length);
      return;
    case "other":
      copyBytes(block.body, 0, buf, body, block.body.length);
      return;
  }
}

/** The upper half stands first. */
function writeTimestamp(buf: Uint8Array, at: number, value: bigint): void {
  writeU32LE(buf, at, Number((value >> 32n) & 0xffff_ffffn));
  writeU32LE(buf, at + 4, Number(value & 0xffff_ffffn));
}

function writeLong(buf: Uint8Array, at: number, value: bigint): void {
  writeU32LE(buf, at, Number(value & 0xffff_ffffn));
  writeU32LE(buf, at + 4, Number((value >> 32n) & 0xffff_ffffn));
}

/** Writes options into zeroed bytes, with the end marker that follows any. */
function writeOptions(options: readonly PcapngOption[], buf: Uint8Array, off: number): void {
  let at = off;
  for (const { code, value } of options) at = writeItem(buf, at, code, value);
}

function writeItem(buf: Uint8Array, at: number, code: number, value: Uint8Array): number {
  writeU16LE(buf, at, code);
  writeU16LE(buf, at + 2, value.length);
  copyBytes(value, 0, buf, at + 4, value.length);
  return at + 4 + padded(value.length);
}
