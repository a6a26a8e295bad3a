/** Where it happened, by trade. The first five are the coalition's founding sectors; `isic` names sections of ISIC Rev. 4. */
import { vocabulary } from '../vocabulary.ts'

export const SECTORS = vocabulary({
  id: 'candor/sector',
  version: 1,
  open: 'other',
  terms: [
    { id: 'technology', label: 'Technology and communication', isic: ['J'] },
    { id: 'finance', label: 'Finance and insurance', isic: ['K'] },
    { id: 'health', label: 'Health and social care', isic: ['Q'] },
    { id: 'transport', label: 'Transport and storage', isic: ['H'] },
    { id: 'public-sector', label: 'Public administration, defence and justice', isic: ['O'] },
    { id: 'agriculture', label: 'Agriculture, forestry and fishing', isic: ['A'] },
    { id: 'arts-media', label: 'Arts, entertainment and media', isic: ['R'] },
    { id: 'construction', label: 'Construction', isic: ['F'] },
    { id: 'education', label: 'Education', isic: ['P'] },
    { id: 'energy', label: 'Electricity, gas and heat', isic: ['D'] },
    { id: 'hospitality', label: 'Accommodation and food', isic: ['I'] },
    { id: 'household', label: 'Households and private use', isic: ['T'] },
    { id: 'international', label: 'International organisations', isic: ['U'] },
    { id: 'legal-professional', label: 'Legal, professional and scientific services', isic: ['M'] },
    { id: 'manufacturing', label: 'Manufacturing', isic: ['C'] },
    { id: 'mining', label: 'Mining and quarrying', isic: ['B'] },
    { id: 'real-estate', label: 'Real estate', isic: ['L'] },
    { id: 'retail', label: 'Wholesale and retail trade', isic: ['G'] },
    { id: 'services', label: 'Administrative, support and other services', isic: ['N', 'S'] },
    { id: 'water-waste', label: 'Water supply and waste', isic: ['E'] },
  ],
})
