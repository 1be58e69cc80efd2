# The part of PyLD that credentials/jsonld and its tests call.
from pyld import jsonld as jsonld
