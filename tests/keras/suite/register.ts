/**
 * Registers one test for each Keras class of a family; the cases of a class run within it and all their differences are
 * shown at once.
 */
import { describe, expect, it } from 'vitest';
import type { Made } from '../load.ts';
import { byClass, findClass, type Namespace } from '../support/make.ts';
import { NOT_YET } from '../support/notYet.ts';

/** Chooses cases of a class. */
export type Choose = <Case>(cases: readonly Case[]) => Case[];

export function checkByClass<Case extends Made & { readonly name: string }>(
  family: keyof typeof NOT_YET,
  namespaces: readonly Namespace[],
  cases: readonly Case[],
  choose: Choose,
  differencesOf: (item: Case) => Promise<string[]>,
): void {
  const groups = byClass(cases);
  const isPresent = ([className]: readonly [string, unknown]): boolean =>
    findClass(namespaces, className) !== undefined;

  describe(family, () => {
    it.each(groups.filter(isPresent))('%s', async (_, items) => {
      const found: string[] = [];
      for (const item of choose(items)) {
        try {
          found.push(...(await differencesOf(item)).map((text) => `${item.name}: ${text}`));
        } catch (error) {
          found.push(`${item.name}: threw ${String(error)}`);
        }
      }
      expect(found).toEqual([]);
    });

    it('lacks only what is on the list', () => {
      expect(
        groups
          .filter((group) => !isPresent(group))
          .map(([className]) => className)
          .sort(),
      ).toEqual([...NOT_YET[family]].sort());
    });
  });
}
