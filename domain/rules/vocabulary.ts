/** The values that the declaration's fields may take. Names are the digest's; see its table of terms. */

export const WORKER_KINDS = ['urban', 'migrant'] as const;
export const STANDINGS = [
  'employed',
  'flexible',
  'unemployed',
  'retiredUnderUnit',
  'retiredUnderCommunity',
] as const;
export const RELATIONS = [
  'self',
  'spouse',
  'child',
  'parent',
  'sibling',
  'grandparent',
  'grandchild',
  'other',
] as const;
export const STATUSES = [
  'employed',
  'unemployed',
  'student',
  'preschool',
  'retired',
  'unableToWork',
] as const;
export const INCOME_KINDS = ['wage', 'business', 'property', 'transfer'] as const;
export const EXPENDITURE_KINDS = [
  'schooling',
  'medical',
  'accident',
  'disability',
  'singleParent',
  'other',
  'living',
] as const;
export const VEHICLE_KINDS = ['motorVehicle', 'ship', 'constructionMachine', 'farmMachine'] as const;
