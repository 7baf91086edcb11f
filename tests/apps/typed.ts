// What a TypeScript user writes; compiled by the bundler test against the shipped declarations.
import { Sequential } from 'weftjs';
import { dense, input } from 'weftjs/layers';

const model = new Sequential([input({ shape: [4] }), dense({ units: 3, activation: 'softmax' })]);
model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] });
const { history } = await model.fit([[1, 2, 3, 4]], [0], { epochs: 1 });
export const first: number | undefined = history.loss[0];
