"""What must hold when everything has settled, looked for with means of its own: plain SQL over the ledgers, and the
topics read from their beginning.
"""
