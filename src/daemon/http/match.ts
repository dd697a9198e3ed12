import { DispatchError } from "../../base/error.ts";
import { ROUTES, type RouteName } from "../../protocol/route.ts";

/** A call by name, with the `:names` of its path decoded. */
export interface Match {
  name: RouteName;
  params: Record<string, string>;
}

/** A path that exists, asked with a method that it does not take. */
export class MethodNotAllowed extends DispatchError {
  readonly allowed: string[];

  constructor(method: string, path: string, allowed: string[]) {
    super("invalid", `${path} does not take ${method}`, { hint: `use ${allowed.join(" or ")}` });
    this.allowed = allowed;
  }
}

const TABLE = (Object.keys(ROUTES) as RouteName[]).map((name) => {
  const [method, path] = ROUTES[name];
  return { name, method, segments: path.split("/") };
});

/**
 * The call that a method and a path name.
 * @throws DispatchError `not_found`, or MethodNotAllowed
 */
export function matchRoute(method: string, path: string): Match {
  const given = path.split("/");
  const found = TABLE.filter(({ segments }) => fits(segments, given));
  const route = found.find((each) => each.method === method);
  if (route) return { name: route.name, params: paramsOf(route.segments, given) };
  if (found.length === 0)
    throw new DispatchError("not_found", `no such path: ${path}`, {
      hint: "GET /openapi.json lists all calls",
    });
  throw new MethodNotAllowed(
    method,
    path,
    found.map((each) => each.method),
  );
}

function fits(segments: string[], given: string[]): boolean {
  return (
    segments.length === given.length &&
    segments.every((segment, at) => (segment.startsWith(":") ? given[at] !== "" : segment === given[at]))
  );
}

function paramsOf(segments: string[], given: string[]): Record<string, string> {
  const named = segments.flatMap((segment, at) =>
    segment.startsWith(":") ? [[segment.slice(1), decode(given[at]!)] as const] : [],
  );
  return Object.fromEntries(named);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new DispatchError("invalid", `${segment} is not a valid part of a path`, { cause: error });
  }
}
