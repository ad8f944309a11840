import { expect, test } from "vitest";
import { ERRNO, errnoName, strerror } from "./errno.ts";

test("numbers, names and texts belong together", () => {
  expect(ERRNO.ENODEV).toBe(19);
  expect(errnoName(ERRNO.EHWPOISON)).toBe("EHWPOISON");
  expect(strerror(ERRNO.EOPNOTSUPP)).toBe("Operation not supported");
  expect(strerror(41)).toBe("Unknown error 41");
  expect(errnoName(41)).toBeUndefined();
  expect(strerror(0)).toBe("Success");
});

test("every number from 1 to 133 but 41 and 58 has a name, and no name comes twice", () => {
  const numbers = Array.from({ length: 133 }, (_, index) => index + 1).filter(
    (errno) => errno !== 41 && errno !== 58,
  );
  const names = numbers.map((errno) => errnoName(errno));
  expect(new Set(names).size).toBe(131);
  expect(names).not.toContain(undefined);
});
