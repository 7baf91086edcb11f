/**
 * The public names of Keras 3.15.1 by family: what a coverage check compares with. Ours follow from these by rule
 * (`classToCamel` for classes, `snakeToCamel` for functions), so this list has one column. Nothing that ships imports it.
 */

/** Class names, as in `keras.layers.Conv2D`. Abstract bases are left out. */
export const KERAS_CLASSES = {
  layer: [
    'Activation', 'ActivityRegularization', 'AdaptiveAveragePooling1D', 'AdaptiveAveragePooling2D',
    'AdaptiveAveragePooling3D', 'AdaptiveMaxPooling1D', 'AdaptiveMaxPooling2D', 'AdaptiveMaxPooling3D', 'Add',
    'AdditiveAttention', 'AlphaDropout', 'Attention', 'AugMix', 'AutoContrast', 'Average', 'AveragePooling1D',
    'AveragePooling2D', 'AveragePooling3D', 'BatchNormalization', 'Bidirectional', 'CategoryEncoding',
    'CenterCrop', 'Concatenate', 'ContrastLimitedAdaptiveHistogramEqualization', 'Conv1D', 'Conv1DTranspose',
    'Conv2D', 'Conv2DTranspose', 'Conv3D', 'Conv3DTranspose', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D',
    'Cropping1D', 'Cropping2D', 'Cropping3D', 'CutMix', 'Dense', 'DepthwiseConv1D', 'DepthwiseConv2D',
    'Discretization', 'Dot', 'Dropout', 'ELU', 'EinsumDense', 'Embedding', 'Equalization', 'Flatten', 'FlaxLayer',
    'GRU', 'GRUCell', 'GaussianDropout', 'GaussianNoise', 'GlobalAveragePooling1D', 'GlobalAveragePooling2D',
    'GlobalAveragePooling3D', 'GlobalMaxPooling1D', 'GlobalMaxPooling2D', 'GlobalMaxPooling3D',
    'GroupNormalization', 'GroupQueryAttention', 'HashedCrossing', 'Hashing', 'Identity', 'InputLayer',
    'IntegerLookup', 'JaxLayer', 'LSTM', 'LSTMCell', 'Lambda', 'LayerNormalization', 'LeakyReLU', 'Masking',
    'MaxNumBoundingBoxes', 'MaxPooling1D', 'MaxPooling2D', 'MaxPooling3D', 'Maximum', 'MelSpectrogram', 'Minimum',
    'MixUp', 'MultiHeadAttention', 'Multiply', 'Normalization', 'PReLU', 'Permute', 'Pipeline',
    'RMSNormalization', 'RNN', 'RandAugment', 'RandomBrightness', 'RandomColorDegeneration', 'RandomColorJitter',
    'RandomContrast', 'RandomCrop', 'RandomElasticTransform', 'RandomErasing', 'RandomFlip', 'RandomGaussianBlur',
    'RandomGrayscale', 'RandomHue', 'RandomInvert', 'RandomPerspective', 'RandomPosterization', 'RandomRotation',
    'RandomSaturation', 'RandomSharpness', 'RandomShear', 'RandomTranslation', 'RandomZoom', 'ReLU',
    'RepeatVector', 'Rescaling', 'Reshape', 'Resizing', 'ReversibleEmbedding', 'STFTSpectrogram',
    'SeparableConv1D', 'SeparableConv2D', 'SimpleRNN', 'SimpleRNNCell', 'Softmax', 'Solarization',
    'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D', 'SpectralNormalization', 'StackedRNNCells',
    'StringLookup', 'Subtract', 'TFSMLayer', 'TextVectorization', 'TimeDistributed', 'TorchModuleWrapper',
    'UnitNormalization', 'UpSampling1D', 'UpSampling2D', 'UpSampling3D', 'Wrapper', 'ZeroPadding1D',
    'ZeroPadding2D', 'ZeroPadding3D',
  ],
  loss: [
    'BinaryCrossentropy', 'BinaryFocalCrossentropy', 'CTC', 'CategoricalCrossentropy',
    'CategoricalFocalCrossentropy', 'CategoricalGeneralizedCrossEntropy', 'CategoricalHinge', 'Circle',
    'CosineSimilarity', 'Dice', 'Hinge', 'Huber', 'KLDivergence', 'LogCosh', 'MeanAbsoluteError',
    'MeanAbsolutePercentageError', 'MeanSquaredError', 'MeanSquaredLogarithmicError', 'Poisson',
    'SparseCategoricalCrossentropy', 'SquaredHinge', 'Tversky',
  ],
  metric: [
    'AUC', 'Accuracy', 'BinaryAccuracy', 'BinaryCrossentropy', 'BinaryIoU', 'CategoricalAccuracy',
    'CategoricalCrossentropy', 'CategoricalHinge', 'ConcordanceCorrelation', 'CosineSimilarity', 'F1Score',
    'FBetaScore', 'FalseNegatives', 'FalsePositives', 'Hinge', 'IoU', 'KLDivergence', 'LogCoshError', 'Mean',
    'MeanAbsoluteError', 'MeanAbsolutePercentageError', 'MeanIoU', 'MeanSquaredError',
    'MeanSquaredLogarithmicError', 'OneHotIoU', 'OneHotMeanIoU', 'PearsonCorrelation', 'Poisson', 'Precision',
    'PrecisionAtRecall', 'R2Score', 'Recall', 'RecallAtPrecision', 'RootMeanSquaredError',
    'SensitivityAtSpecificity', 'SparseCategoricalAccuracy', 'SparseCategoricalCrossentropy',
    'SparseTopKCategoricalAccuracy', 'SpecificityAtSensitivity', 'SquaredHinge', 'Sum', 'TopKCategoricalAccuracy',
    'TrueNegatives', 'TruePositives',
  ],
  optimizer: [
    'Adadelta', 'Adafactor', 'Adagrad', 'Adam', 'AdamW', 'Adamax', 'Ftrl', 'Lamb', 'Lion', 'LossScaleOptimizer',
    'MultiOptimizer', 'Muon', 'Nadam', 'RMSprop', 'SGD', 'ScheduleFreeAdamW',
  ],
  schedule: [
    'CosineDecay', 'CosineDecayRestarts', 'ExponentialDecay', 'InverseTimeDecay', 'PiecewiseConstantDecay',
    'PolynomialDecay',
  ],
  callback: [
    'BackupAndRestore', 'CSVLogger', 'EarlyStopping', 'History', 'LambdaCallback', 'LearningRateScheduler',
    'ModelCheckpoint', 'OrbaxCheckpoint', 'ProgbarLogger', 'ReduceLROnPlateau', 'RemoteMonitor', 'SwapEMAWeights',
    'TensorBoard', 'TerminateOnNaN',
  ],
  initializer: [
    'Constant', 'GlorotNormal', 'GlorotUniform', 'HeNormal', 'HeUniform', 'Identity', 'LecunNormal',
    'LecunUniform', 'Ones', 'Orthogonal', 'RandomNormal', 'RandomUniform', 'STFT', 'TruncatedNormal',
    'VarianceScaling', 'Zeros',
  ],
  regularizer: [
    'L1', 'L1L2', 'L2', 'OrthogonalRegularizer',
  ],
  constraint: [
    'MaxNorm', 'MinMaxNorm', 'NonNeg', 'UnitNorm',
  ],
} as const;

/** Function names, as in `keras.activations.relu`. */
export const KERAS_FUNCTIONS = {
  activation: [
    'celu', 'elu', 'exponential', 'gelu', 'glu', 'hard_shrink', 'hard_sigmoid', 'hard_silu', 'hard_swish',
    'hard_tanh', 'leaky_relu', 'linear', 'log_sigmoid', 'log_softmax', 'mish', 'relu', 'relu6', 'selu', 'sigmoid',
    'silu', 'soft_shrink', 'softmax', 'softplus', 'softsign', 'sparse_plus', 'sparse_sigmoid', 'sparsemax',
    'squareplus', 'swish', 'tanh', 'tanh_shrink', 'threshold',
  ],
  loss: [
    'binary_crossentropy', 'binary_focal_crossentropy', 'categorical_crossentropy',
    'categorical_focal_crossentropy', 'categorical_generalized_cross_entropy', 'categorical_hinge', 'circle',
    'cosine_similarity', 'ctc', 'dice', 'hinge', 'huber', 'kl_divergence', 'log_cosh', 'mean_absolute_error',
    'mean_absolute_percentage_error', 'mean_squared_error', 'mean_squared_logarithmic_error', 'poisson',
    'sparse_categorical_crossentropy', 'squared_hinge', 'tversky',
  ],
  metric: [
    'binary_accuracy', 'binary_crossentropy', 'binary_focal_crossentropy', 'categorical_accuracy',
    'categorical_crossentropy', 'categorical_focal_crossentropy', 'categorical_hinge', 'concordance_correlation',
    'hinge', 'huber', 'kl_divergence', 'log_cosh', 'mean_absolute_error', 'mean_absolute_percentage_error',
    'mean_squared_error', 'mean_squared_logarithmic_error', 'pearson_correlation', 'poisson',
    'sparse_categorical_accuracy', 'sparse_categorical_crossentropy', 'sparse_top_k_categorical_accuracy',
    'squared_hinge', 'top_k_categorical_accuracy',
  ],
} as const;
