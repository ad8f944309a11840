import { expect, test } from "vitest";
import { ERRNO } from "../netlink/errno.ts";
import { moduleImage, readModuleInformation } from "./module-image.ts";

const FIELDS = [["name", "bridge"] as const, ["depends", "stp,llc"] as const];

test("what was written is read", () => {
  expect(readModuleInformation(moduleImage(FIELDS))).toEqual(FIELDS);
});

/** Offsets in Elf64_Ehdr: e_shoff, e_shnum, e_shstrndx. */
test.each([
  ["no ELF file", 0, 0],
  ["section headers behind the end", 41, 0xff],
  ["more section headers than fit", 61, 1],
  ["no section headers", 60, 0],
  ["names in a section that is not there", 62, 3],
  ["names far behind the last section", 63, 0xff],
])("%s: Exec format error", (_, at, byte) => {
  const image = moduleImage(FIELDS);
  image[at] = byte;
  expect(() => readModuleInformation(image)).toThrow(expect.objectContaining({ errno: ERRNO.ENOEXEC }));
});
