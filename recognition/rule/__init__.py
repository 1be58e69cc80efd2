# SPDX-License-Identifier: Apache-2.0
"""A recognizer's rule: the format ``recognition-policy/1``, read strictly, and told in plain words.

``policy`` holds the values, ``policy_reader`` is the way in, ``policy_words`` the way out to people.
"""
