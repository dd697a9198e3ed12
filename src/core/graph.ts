/** A task of a list, by its name in it, and the names that it comes after. */
export interface Node {
  readonly name: string | null;
  readonly after: readonly string[];
}

/** What is wrong with one of the nodes. */
export interface GraphFault {
  readonly at: number;
  readonly message: string;
}

/** What is wrong with a list of tasks, all of it. A name that no node has is no fault here: it may be an older task's. */
export function graphFaults(nodes: readonly Node[]): GraphFault[] {
  const twice = nodes.flatMap(({ name }, at) => {
    const first = name === null ? at : nodes.findIndex((each) => each.name === name);
    return first < at ? [{ at, message: `the name ${name} is taken by another task` }] : [];
  });
  const selfish = nodes.flatMap(({ name, after }, at) =>
    name !== null && after.includes(name) ? [{ at, message: "it cannot come after itself" }] : [],
  );
  return [...twice, ...selfish, ...cycles(nodes)];
}

/** For each node, the nodes that it comes right after, by their place in the list. */
export function edgesOf(nodes: readonly Node[]): number[][] {
  const places = new Map<string, number>();
  for (const [at, { name }] of nodes.entries()) if (name !== null && !places.has(name)) places.set(name, at);
  return nodes.map(({ after }) => after.flatMap((name) => places.get(name) ?? []));
}

/** For each node, all that it comes after, near or far. @param edges of a graph without circles */
export function ancestorsOf(edges: readonly (readonly number[])[]): Set<number>[] {
  const all = edges.map(() => new Set<number>());
  for (const at of inOrder(edges))
    for (const before of edges[at]!) {
      all[at]!.add(before);
      for (const each of all[before]!) all[at]!.add(each);
    }
  return all;
}

/** The nodes, each behind those that it comes after. @param edges of a graph without circles */
export function inOrder(edges: readonly (readonly number[])[]): number[] {
  const done = new Set<number>();
  const open = [...edges.keys()].reverse();
  while (open.length > 0) {
    const at = open.at(-1)!;
    const missing = edges[at]!.filter((each) => !done.has(each));
    if (missing.length > 0 && !done.has(at)) open.push(...missing);
    else done.add(open.pop()!);
  }
  return [...done];
}

/** Each circle once, told at its first task: those that wait for each other would never start. */
function cycles(nodes: readonly Node[]): GraphFault[] {
  const edges = edgesOf(nodes).map((after, at) => after.filter((each) => each !== at));
  const done = new Set<number>();
  const faults: GraphFault[] = [];
  for (const start of nodes.keys()) {
    const circle = done.has(start) ? null : circleFrom(edges, start, done);
    if (!circle) continue;
    const at = Math.min(...circle);
    const names = [...circle.slice(circle.indexOf(at)), ...circle.slice(0, circle.indexOf(at)), at];
    faults.push({
      at,
      message: `it waits for itself: ${names.map((each) => nodes[each]!.name).join(" → ")}`,
    });
  }
  return faults;
}

/** The first circle that the edges lead into, by depth; without recursion, since a list may be one long chain. */
function circleFrom(edges: readonly number[][], start: number, done: Set<number>): number[] | null {
  const path: number[] = [start];
  const left = [[...edges[start]!]];
  while (path.length > 0) {
    const next = left.at(-1)!.shift();
    if (next === undefined) {
      done.add(path.pop()!);
      left.pop();
    } else if (path.includes(next)) {
      for (const each of path) done.add(each);
      return path.slice(path.indexOf(next));
    } else if (!done.has(next)) {
      path.push(next);
      left.push([...edges[next]!]);
    }
  }
  return null;
}
