/** Resolves when standard input ends: the client is gone. */
export async function untilInputEnds(): Promise<void> {
  const ended = Promise.withResolvers<void>();
  process.stdin.once("end", () => ended.resolve());
  process.stdin.once("close", () => ended.resolve());
  await ended.promise;
}
