/** What steers a runtime of ours, and what says that the caller is itself a run. */
const OURS = /^(BUN_|NODE_OPTIONS$|DISPATCH_)/;

/**
 * The caller's variables, for the daemon to choose from: it gives each agent those that every run may have and its
 * own product's, and forgets the rest. They travel over the socket that only this user can open.
 */
export function callerEnvironment(own: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(own).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !OURS.test(entry[0]),
    ),
  );
}
