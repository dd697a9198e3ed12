/** What `work` resolves with, or `otherwise` when that takes longer than `limitMs`. */
export async function within<Result, Other>(
  limitMs: number,
  work: Promise<Result>,
  otherwise: Other,
): Promise<Result | Other> {
  const late = Promise.withResolvers<Other>();
  const timer = setTimeout(() => late.resolve(otherwise), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
