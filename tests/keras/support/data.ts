/** Between fixture tensors and Weft's arrays. */
import { ndarray, tensor, type NDArray, type Tensor } from 'weftjs';
import { isFixtureTensor, type FixtureData, type FixtureTensor } from '../load.ts';

export function host({ shape, dtype, data }: FixtureTensor): NDArray {
  return ndarray(data, { shape, dtype }) as NDArray;
}

export function device(fixture: FixtureTensor): Tensor {
  return tensor(host(fixture));
}

/** Model data: one array, several, or several by name. */
export function hostData(data: FixtureData): NDArray | NDArray[] | Record<string, NDArray> {
  if (isFixtureTensor(data)) return host(data);
  if (Array.isArray(data)) return data.map(host);
  return Object.fromEntries(
    Object.entries(data as Record<string, FixtureTensor>).map(([name, item]) => [name, host(item)]),
  );
}

/** Some rows of model data, fewer where it ends before. */
export function rows(data: FixtureData, start: number, end: number): FixtureData {
  if (isFixtureTensor(data)) {
    const count = data.shape[0] as number;
    const stop = Math.min(end, count);
    const row = data.data.length / count;
    return { ...data, shape: [stop - start, ...data.shape.slice(1)], data: data.data.slice(start * row, stop * row) };
  }
  if (Array.isArray(data)) return data.map((item: FixtureTensor) => rows(item, start, end) as FixtureTensor);
  return Object.fromEntries(
    Object.entries(data as Record<string, FixtureTensor>).map(([name, item]) => [
      name,
      rows(item, start, end) as FixtureTensor,
    ]),
  );
}
