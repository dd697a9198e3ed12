import { copyFileSync, existsSync } from "node:fs";
import { isMap, isScalar, type Document, type Pair, type YAMLMap } from "yaml";
import type { ConfigFile } from "./config.ts";

/** The old form's section, and where its entries belong. */
const OLD = "agents";
const NEW = "backends";

/** What was rewritten, a sentence each, and the copy of the file as it was; null where there was nothing to do. */
export interface Migrated {
  readonly path: string;
  readonly backup: string | null;
  readonly changes: string[];
}

/**
 * Rewrites the old form, agents with their command inline, as backends and models of the same names. Comments and
 * unknown keys move with their entries. Again it changes nothing.
 * @throws DispatchError as `ConfigFile.edit`
 */
export function migrateConfig(file: ConfigFile): Migrated {
  const { path } = file;
  const changes: string[] = [];
  const before = file.contents();
  if (!Object.hasOwn(before.value, OLD)) return { path, backup: null, changes };
  const names = Object.keys(before.config.agents);
  const next = file.transformed((document) => changes.push(...moveAgents(document, names)));
  const backup = freeName(`${path}.before-migrate`);
  copyFileSync(path, backup);
  file.create(next.text);
  return { path, backup, changes };
}

function moveAgents(document: Document, names: readonly string[]): string[] {
  const kept = sectionOf(document, NEW);
  const shadowed = kept ? names.filter((name) => kept.has(name)) : [];
  if (kept) moveEntries(document, kept);
  else rename(document);
  const moved = names.filter((name) => !shadowed.includes(name));
  const missing = moved.filter((name) => !document.hasIn(["models", name]));
  for (const name of missing) addModel(document, name);
  return [
    ...moved.map((name) => `${OLD}.${name} is ${NEW}.${name} now`),
    ...shadowed.map((name) => `${OLD}.${name} is gone: ${NEW}.${name} had its place already`),
    ...missing.map((name) => `added the model ${name}`),
  ];
}

/** The section keeps its place, its order and its comments. */
function rename(document: Document): void {
  const { items } = document.contents as YAMLMap;
  const key = items.find((pair) => keyOf(pair) === OLD)!.key;
  const empty = items.find((pair) => keyOf(pair) === NEW); // `backends:` with nothing behind it
  if (empty) document.delete(NEW);
  if (isScalar(key)) key.value = NEW;
}

function moveEntries(document: Document, into: YAMLMap): void {
  for (const pair of sectionOf(document, OLD)?.items ?? []) if (!into.has(keyOf(pair))) into.items.push(pair);
  document.delete(OLD);
}

function addModel(document: Document, name: string): void {
  if (sectionOf(document, "models") === null) document.set("models", document.createNode({}));
  document.setIn(["models", name], document.createNode({ backend: name }));
}

function sectionOf(document: Document, name: string): YAMLMap | null {
  const section = document.get(name, true);
  return isMap(section) ? section : null;
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

/** A name that no earlier copy has. */
function freeName(path: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? path : `${path}-${count}`;
    if (!existsSync(name)) return name;
  }
}
