import { type Desk, ok, type Reply, type Told } from "./wire.ts";

/** What hooks report, and whatever else is said: it is answered, so that its sender knows that somebody listens. */
export async function hear(_: Desk, { type }: Told): Promise<Reply> {
  return ok(type);
}
