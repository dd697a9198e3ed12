import type { CallAnswer, CallParsed } from "../../protocol/api.ts";
import type { ROUTES, RouteName, RouteParams } from "../../protocol/route.ts";
import type { Tx } from "../commit.ts";
import type { Parts } from "../parts.ts";

/** What a call that changes something gets to do it. */
interface Mutation<Answer> {
  /**
   * Writes the effect and gives the answer, which is remembered under the caller's idempotency key in the same
   * transaction. At most once a call, last of what can fail. A call whose effect lies outside the store may leave it
   * out: its answer is remembered right after.
   */
  readonly commit: (write: (tx: Tx) => Answer) => Answer;
}

/** One call, parsed: the names in its path, its query or body with their defaults. */
type Call<Name extends RouteName> = CallParsed<Name> & {
  params: RouteParams<Name>;
  /** The caller's folder, where it says so. */
  from: string | null;
} & ((typeof ROUTES)[Name][0] extends "GET" ? unknown : Mutation<CallAnswer<Name>>);

type Handler<Name extends RouteName> = (
  call: Call<Name>,
  parts: Parts,
) => CallAnswer<Name> | Promise<CallAnswer<Name>>;

/** One handler a call: a missing one does not compile. */
export type Handlers = { readonly [Name in RouteName]: Handler<Name> };
