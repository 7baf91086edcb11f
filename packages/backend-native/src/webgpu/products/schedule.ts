/**
 * How a product is computed: how much of it a workgroup and an invocation have, whether operands go through workgroup memory, and in how many
 * pieces the depth is summed. The choice depends on shape and device only, so that sums are the same in every run.
 */

export interface ProductShape {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether its elements are halves of words: what is fastest for them was measured with them. */
  readonly isHalf?: boolean;
}

/** The rows and columns of c that an invocation has; columns are a multiple of four. */
interface Registers {
  readonly rows: number;
  readonly columns: number;
  /** Pieces in which the depth is summed, each by invocations of its own; more than one need a second kernel that adds them. */
  readonly pieces: number;
}

export type Schedule =
  /** Invocations load what they need; neighbours find it in the cache. So many turns of the innermost depth at once. */
  | (Registers & { readonly kind: 'direct'; readonly unroll: number })
  /** A workgroup has a tile of c; tiles of a and b, so deep, go through its memory. */
  | (Registers & { readonly kind: 'staged'; readonly tileRows: number; readonly tileColumns: number; readonly depth: number });

/** What the choice needs to know of a device. */
export interface ProductDevice {
  readonly isSoftware: boolean;
  readonly workgroupBytes: number;
  readonly workgroupInvocations: number;
}

const staged = (tileRows: number, tileColumns: number, rows: number, columns: number, depth: number) => ({ kind: 'staged', tileRows, tileColumns, rows, columns, depth }) as const;

type Tile = ReturnType<typeof staged>;

/** Large tiles first: they load least for each multiplication. */
const TILES = [staged(128, 128, 8, 8, 8), staged(128, 64, 8, 4, 16), staged(64, 64, 4, 4, 16), staged(32, 32, 4, 4, 16)];

/** So many workgroups keep a GPU busy. */
const BUSY_GROUPS = 64;
/** A piece of the depth is at least this deep. */
const LEAST_PIECE = 128;
const MOST_PIECES = 32;

const groupsOf = ({ batch, m, n }: ProductShape, rows: number, columns: number): number => batch * Math.ceil(m / rows) * Math.ceil(n / columns);

/** The share of a tiling that is not edge. */
const useOf = ({ m, n }: ProductShape, rows: number, columns: number): number => (m * n) / (Math.ceil(m / rows) * rows * Math.ceil(n / columns) * columns);

/** Pieces of the depth, where the rest of the product is too small to keep the device busy. */
const piecesFor = (groups: number, k: number): number => Math.max(1, Math.min(MOST_PIECES, Math.floor(BUSY_GROUPS / groups), Math.floor(k / LEAST_PIECE)));

/** The tiles that a device can have and that a product fills at least in part. */
function tilesFor({ m, n }: ProductShape, { isSoftware, workgroupBytes, workgroupInvocations }: ProductDevice): Tile[] {
  return TILES.filter(
    ({ tileRows, tileColumns, rows, columns, depth }) =>
      // a processor that plays a GPU takes seconds to compile large tiles
      (!isSoftware || tileRows === 32) &&
      (tileRows / rows) * (tileColumns / columns) <= workgroupInvocations &&
      (tileRows + tileColumns) * depth * 4 <= workgroupBytes &&
      m > tileRows / 2 &&
      n > tileColumns / 2,
  );
}

/** A product without workgroup memory: few rows or columns, or a processor that only plays a GPU. */
function directFor(shape: ProductShape, isSoftware: boolean): Schedule {
  const { m, n, k } = shape;
  const rows = m >= 8 && isSoftware ? 8 : m >= 4 ? 4 : Math.max(1, m);
  const columns = n > 4 && isSoftware ? 8 : 4;
  const unroll = isSoftware ? 1 : k % 4 === 0 || k > 32 ? 4 : 1;
  // 64 invocations a workgroup
  const groups = groupsOf(shape, rows * 8, columns * 8);
  return { kind: 'direct', rows, columns, unroll, pieces: isSoftware ? 1 : piecesFor(groups, k) };
}

/** Tiles, with the depth in pieces where they are few. */
const tiled = (shape: ProductShape, tile: Tile): Schedule => ({ ...tile, pieces: piecesFor(groupsOf(shape, tile.tileRows, tile.tileColumns), shape.k) });

/** A good choice without measuring. */
export function defaultSchedule(shape: ProductShape, device: ProductDevice): Schedule {
  const tiles = device.isSoftware ? [] : tilesFor(shape, device);
  const use = ({ tileRows, tileColumns }: Tile): number => useOf(shape, tileRows, tileColumns);
  const busy = tiles.find((tile) => groupsOf(shape, tile.tileRows, tile.tileColumns) >= BUSY_GROUPS && use(tile) >= 0.7);
  // small results: tiles that waste least, and the depth in pieces
  const tile = busy ?? tiles.slice(-2).sort((a, b) => use(b) - use(a))[0];
  return !tile || shape.k < tile.depth || use(tile) < 0.5 ? directFor(shape, device.isSoftware) : tiled(shape, tile);
}

/** What is worth measuring: the default first, each different. */
export function candidateSchedules(shape: ProductShape, device: ProductDevice): Schedule[] {
  const all = [defaultSchedule(shape, device), directFor(shape, device.isSoftware)];
  if (shape.m >= 4 && shape.n >= 4) {
    const square: Schedule = { kind: 'direct', rows: 4, columns: 4, unroll: shape.k % 4 === 0 ? 4 : 1, pieces: 1 };
    all.push(square, { ...square, pieces: piecesFor(groupsOf(shape, 32, 32), shape.k) });
  }
  all.push(...tilesFor(shape, device).map((tile) => tiled(shape, tile)));
  const names = all.map(scheduleName);
  return all.filter((_, i) => names.indexOf(names[i] as string) === i).slice(0, 6);
}

/** What tells candidates apart; pieces follow from the shape. */
export function scheduleName(schedule: Schedule): string {
  const registers = `${schedule.rows}x${schedule.columns}`;
  const pieces = schedule.pieces > 1 ? ' in pieces' : '';
  if (schedule.kind === 'direct') return `direct ${registers} by ${schedule.unroll}${pieces}`;
  return `staged ${schedule.tileRows}x${schedule.tileColumns}x${schedule.depth} by ${registers}${pieces}`;
}
