"""UHFReader18 and its successors: 86, 288M, 288MP, FRD950."""
