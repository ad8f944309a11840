// Work that takes real time and no virtual time: code that is read from a disk.

/** Does `work` while the clock of a system stands still. */
export async function inStoppedTime<T>(system: { hold(): () => void }, work: () => Promise<T>): Promise<T> {
  const release = system.hold();
  try {
    return await work();
  } finally {
    release();
  }
}
