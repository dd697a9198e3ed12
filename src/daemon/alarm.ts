/** The runtime's timers count from now and stand still while a machine sleeps; what is due is a time of day. */
const MAX_DELAY_MS = 60_000;

/**
 * Calls `ring` at a time, or within a minute if that is sooner: whoever is called looks whether it is time yet, and sets
 * the next alarm if it is not. So a clock that was set, or a machine that slept, delays nothing by more.
 *
 * @param due milliseconds since the epoch; one that has passed rings at once
 */
export function setAlarm(due: number, ring: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(ring, Math.min(Math.max(0, due - Date.now()), MAX_DELAY_MS));
}

/** At most one alarm for each of many things. */
export class Alarms<Id extends string> {
  readonly #armed = new Map<Id, ReturnType<typeof setTimeout>>();

  /** Takes the place of the alarm that `id` has. @param due as for {@link setAlarm}; null: never, as things stand */
  set(id: Id, due: number | null, ring: () => void): void {
    clearTimeout(this.#armed.get(id));
    this.#armed.delete(id);
    if (due === null) return;
    const alarm = setAlarm(due, () => {
      this.#armed.delete(id);
      ring();
    });
    this.#armed.set(id, alarm);
  }

  /** None of them rings any more. Idempotent. */
  clear(): void {
    for (const alarm of this.#armed.values()) clearTimeout(alarm);
    this.#armed.clear();
  }
}
