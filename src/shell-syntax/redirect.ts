import type { HereDoc, Redirection as Redirect } from "unbash";
import type { Redirection } from "../protocol/command-line.ts";
import { shellWord } from "./word.ts";

/** Files that nothing is kept in, and descriptors that are open already. */
const HARMLESS = /^\/dev\/(null|zero|stdin|stdout|stderr|tty|fd\/\d+)$/;
/** Names that bash makes a network connection of. */
const NETWORK = /^\/dev\/(tcp|udp)\//;
const DESCRIPTOR = /^(\d+-?|-)$/;

export interface Opened {
  readonly part: Redirection;
  /** Its path depends on the folder that the line works in. */
  readonly relative: boolean;
}

/** The file that a redirection opens; null where it opens none. */
export function openedBy(
  redirect: Redirect,
  where: { home: string; resolve(path: string): string | null },
): Opened | null {
  if (redirect.type !== "Redirect") return null;
  const word = redirect.target && shellWord(redirect.target, where.home);
  const target = word?.value ?? null;
  if (target !== null && HARMLESS.test(target)) return null;
  if (redirect.operator.endsWith("&") && target !== null && DESCRIPTOR.test(target)) return null;
  const known = target !== null && target !== "" && !NETWORK.test(target) && !target.includes("\0");
  const direction = redirect.operator === "<" || redirect.operator === "<&" ? "read" : "write";
  const text = `${redirect.operator} ${word?.text ?? ""}`.trim();
  return {
    part: { type: "redirection", text, direction, path: known ? where.resolve(target) : null },
    relative: known && !target.startsWith("/"),
  };
}

/** What a command finds on its standard input, where the line itself says so. */
export function inputOf(redirects: readonly Redirect[], home: string): string | null {
  const inputs = redirects.filter(
    ({ operator, descriptor }) =>
      operator.startsWith("<") &&
      (descriptor === undefined || (descriptor.type === "FileDescriptor" && descriptor.value === 0)),
  );
  const last = inputs.at(-1);
  if (last?.type === "HereDoc") return bodyOf(last);
  return last?.type === "HereString" && last.target ? shellWord(last.target, home).value : null;
}

/** Without quotes around its delimiter a body is expanded, and its backslashes are taken off. */
function bodyOf({ body, delimiter }: HereDoc): string | null {
  if (delimiter?.quoted) return body.text;
  const isLiteral = (body.parts ?? []).every(({ type }) => type === "Literal");
  return isLiteral && !body.text.includes("\\") ? body.text : null;
}
