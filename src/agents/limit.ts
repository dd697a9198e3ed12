/** Resolves with what `promise` gives, or with undefined once `limitMs` milliseconds are over. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, limitMs);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
