/**
 * What becomes of the elements that a product has computed: its stores. An epilogue is printed once, in a loop over the vectors that an invocation
 * has in registers and the four elements of each: shaders stay small, and so does the time to compile them.
 */
import type { Product } from '../products/product.ts';
import type { Schedule } from '../products/schedule.ts';
import { Emitter } from './emitter.ts';
import type { WgslModule } from './module.ts';
import { wgslType } from './operations.ts';

/** fn store_c(piece, batch, x, y, values): stores c[batch, x, y … y + 3], as far as they exist. */
export function printStore(module: WgslModule, { type, batch, m, n, pieces, stores }: Product): void {
  const emitter = new Emitter(module);
  for (const [axis, name] of [[batch, 'batch'], [m, 'x'], [n, 'column']] as const) emitter.bindAxis(axis, name);
  if (pieces) emitter.bindAxis(pieces, 'piece');
  emitter.line(`if (x >= ${m.extent} || y >= ${n.extent}) { return; }`);
  const isWhole = n.extent % 4 === 0;
  const vectors = stores.map(({ storage }) => (isWhole && module.accessOf(storage).isVector ? emitter.name('v') : null));
  stores.forEach(({ value }, i) => vectors[i] && emitter.line(`var ${vectors[i] as string}: vec4<${wgslType(value.type)}>;`));
  emitter.block('for (var j = 0; j < 4; j++)', () => {
    emitter.line('let column = y + j;');
    if (!isWhole) emitter.line(`if (column >= ${n.extent}) { break; }`);
    emitter.line('let p0 = select(select(values.x, values.y, j == 1), select(values.z, values.w, j == 3), j >= 2);');
    emitter.count(stores.map(({ value }) => value));
    const texts = stores.map(({ value }) => emitter.let(emitter.value(value)));
    stores.forEach(({ storage, position, value }, i) => {
      const [vector, text] = [vectors[i], texts[i] as string];
      if (vector) return emitter.line(`${vector} = select(${vector}, vec4<${wgslType(value.type)}>(${text}), vec4<i32>(0, 1, 2, 3) == vec4<i32>(j));`);
      emitter.store(storage, position, value.type, text);
    });
  });
  emitter.line('let column = y;');
  stores.forEach(({ storage, position }, i) => {
    if (vectors[i]) emitter.storeVector(storage, position, vectors[i]);
  });
  module.add(`fn store_c(piece: i32, batch: i32, x: i32, y: i32, values: vec4<${wgslType(type)}>) {\n${emitter.text()}\n}`);
}

export const range = (count: number, step = 1): number[] => Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);

const namesOf = (rows: number, columns: number): string[] => range(rows).flatMap((i) => range(columns, 4).map((j) => `sum_${i}_${j}`));

/** Prints variables for the sums of an invocation: vectors sum_i_j along n. */
export function printSums(emitter: Emitter, type: Product['type'], { rows, columns }: Schedule): void {
  emitter.line(...namesOf(rows, columns).map((name) => `var ${name} = vec4<${wgslType(type)}>();`));
}

/** Stores the sums of an invocation; `row` and `column` give the place of the first element of one, given its index in code. */
export function printStores(emitter: Emitter, type: Product['type'], { rows, columns }: Schedule, row: (i: string) => string, column: (j: string) => string): void {
  const across = columns / 4;
  const [first, ...others] = namesOf(rows, columns) as [string, ...string[]];
  const [i, j] = across === 1 ? ['e', '0'] : [`(e / ${across})`, `(e % ${across})`];
  emitter.block(`for (var e = 0; e < ${others.length + 1}; e++)`, () =>
    emitter.line(
      `var values: vec4<${wgslType(type)}> = ${first};`,
      ...others.map((name, e) => `values = select(values, ${name}, e == ${e + 1});`),
      `store_c(piece, batch, ${row(i)}, ${column(j)}, values);`,
    ),
  );
}
