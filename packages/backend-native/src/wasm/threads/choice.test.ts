import { describe, expect, it } from 'vitest';
import { Choice } from './choice.ts';

/** Runs `count` times; `alone` and `together` are what a run takes. Gives how many were together. */
function play(choice: Choice, count: number, alone: () => number, together: () => number): number {
  let shared = 0;
  for (let i = 0; i < count; i++) {
    const isTogether = choice.together;
    choice.note(isTogether ? 2 : 1, isTogether ? together() : alone());
    if (isTogether) shared++;
  }
  return shared;
}

describe('the choice between one thread and all', () => {
  it('stays with all while they are faster, outliers or not', () => {
    const choice = new Choice();
    for (let i = 0; i < 5; i++) choice.note(1, 2);
    let turn = 0;
    expect(
      play(
        choice,
        500,
        () => 2,
        () => (turn++ % 20 === 0 ? 50 : 1.1),
      ),
    ).toBe(500);
  });

  it('goes on alone where threads are slower, and tries them again ever less often', () => {
    const choice = new Choice();
    for (let i = 0; i < 5; i++) choice.note(1, 2);
    expect(
      play(
        choice,
        100,
        () => 2,
        () => 5,
      ),
    ).toBeLessThan(25);
    expect(
      play(
        choice,
        1000,
        () => 2,
        () => 5,
      ),
    ).toBeLessThan(40);
  });

  it('comes back to all threads when they are faster again', () => {
    const choice = new Choice();
    for (let i = 0; i < 5; i++) choice.note(1, 2);
    play(
      choice,
      50,
      () => 2,
      () => 5,
    );
    expect(
      play(
        choice,
        600,
        () => 2,
        () => 1,
      ),
    ).toBeGreaterThan(400);
  });

  it('begins alone, and does not count the first run', () => {
    const choice = new Choice();
    choice.note(1, 100);
    expect(
      play(
        choice,
        100,
        () => 2,
        () => 5,
      ),
    ).toBeLessThan(25);
  });
});
