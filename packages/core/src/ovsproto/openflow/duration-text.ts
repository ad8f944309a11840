/** Durations: whole seconds, milliseconds with three places, or as many as are needed. */
export function formatDuration(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}s`;
  if (nanoseconds % 1_000_000 === 0) return `${seconds}.${String(nanoseconds / 1_000_000).padStart(3, "0")}s`;
  return `${seconds}.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}s`;
}
